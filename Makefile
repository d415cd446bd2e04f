.PHONY: setup demo test lint bench

# Installs what is missing: the libraries, the tools, a Python environment for the demonstration.
setup:
	bash scripts/setup.sh

# Draws a plot that moves and makes demo.mp4 of it.
demo:
	bash scripts/demo.sh

# Everything that must hold before a change is merged.
test:
	bash scripts/test.sh

# Formatting and lints only.
lint:
	bash scripts/lint.sh

# Measures framemill beside the other ways to make a movie, and writes benches/RESULTS.md; about 25 minutes.
bench:
	bash scripts/bench.sh
