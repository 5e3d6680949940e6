# The menu. Each line names a script in .ci/; CI runs the same ones.
.PHONY: run test check e2e bench soak fuzz chaos help

help:   ## what there is
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run:    ## install what is missing, build, seed a demonstration province, serve https://localhost:8443
	@bash .ci/serve

test:   ## install what is missing and run every test
	@bash .ci/test

check:  ## formatting, lints, types, generated files; no tests
	@bash .ci/check

e2e:    ## the end-to-end tests in real browsers
	@bash .ci/e2e

fuzz:   ## hand every parser of network bytes samples changed at random, for FUZZ_SECONDS
	@bash .ci/fuzz

bench:  ## measure the media engine into docs/benchmarks.md
	@bash .ci/bench

soak:   ## let people join and leave for 45 minutes, and for 8 hours of virtual time
	@bash .ci/soak

chaos:  ## kill, fill and set everything under a recording, in the order of CHAOS_SEEDS different seeds
	@bash .ci/chaos
