"""The densities after forty steps."""

from _recipe import axes, names_of, save

ax = axes(size=(5, 2.6))
ax.imshow(names_of("topology")["picture"].T, cmap="cividis_r", vmin=0, vmax=1, origin="lower")
ax.set_axis_off()
save(ax.figure)
