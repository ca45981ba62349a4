#!/usr/bin/env bash
# Builds the site of the documentation into build/site, without a network, and checks it: no warning,
# no dead link between its pages, nothing that a reader's browser would fetch from elsewhere.
# The addresses of others that its pages link to are listed in build/addresses.txt.
# --quick leaves the examples unrun; --links also asks for the addresses of others (with a network).
set -euo pipefail
cd "$(dirname "$0")/.."

options=() links=
for argument in "$@"; do
    case $argument in
        --quick) options+=(-D plot_gallery=0) ;;
        --links) links=1 ;;
        *) echo "ci/site.sh: unknown argument $argument; expected --quick or --links." >&2; exit 2 ;;
    esac
done
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" GPUGRAD_BACKEND=numpy
rm -rf build/site docs/_made docs/reference docs/examples
SECONDS=0
sphinx-build --quiet --fail-on-warning --keep-going --jobs auto "${options[@]}" docs build/site
python docs/_site/check_site.py build/site
echo "ci/site.sh: build/site/index.html in $SECONDS s."
if [ -n "$links" ]; then
    sphinx-build --quiet --builder linkcheck "${options[@]}" docs build/links
    echo "ci/site.sh: what became of the addresses of others is in build/links/output.txt."
fi
