# To be sourced: what is compiled from here on is kept in a folder that goes with the script, unless
# GPUGRAD_CACHE names one. Not in the checkout, which others may own or write to.
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
export GPUGRAD_CACHE="${GPUGRAD_CACHE:-$cache}"
