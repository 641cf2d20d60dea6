# Two words a newcomer needs: `make run` and `make test`. Both install what is missing, then call meson.

BUILD = build
ASAN = build-asan

.PHONY: all run test lint bench fuzz asan format clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

# The demo: builds, then serves http://127.0.0.1:8080 (ARGS are handed on, e.g. ARGS="--listen 127.0.0.1:9000").
run: all
	@exec $(BUILD)/sportello demo $(ARGS)

test:
	@scripts/test

lint: $(BUILD)/build.ninja
	@scripts/lint

bench:
	@scripts/bench

# Each fuzz target for SECONDS_EACH (60) seconds.
fuzz:
	@scripts/fuzz

# Unit and flow tests under AddressSanitizer and UndefinedBehaviorSanitizer alone.
asan:
	@scripts/test asan

format: $(BUILD)/build.ninja
	@scripts/lint --format

# Again when the list of packages changes.
$(BUILD)/build.ninja: scripts/deps package-lock.json
	@scripts/deps build
	@if [ -e $@ ]; then touch $@; else meson setup $(BUILD) $(if $(CI),-Dwerror=true); fi
	@ln -sf $(BUILD)/compile_commands.json compile_commands.json

clean:
	rm -rf $(BUILD) $(ASAN) build-fuzz build-bench compile_commands.json
