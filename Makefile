# What people and CI run. Everything here needs Go, git and make; a C compiler adds the race detector.
# Strict bash, so that no step can fail unseen.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

# Tools are pinned, so that what passes today passes tomorrow.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK_VERSION := v1.8.0

# What one may set: make fuzz FUZZTIME=5m, make properties CHECKS=100000, make bench BENCH=breaker RUNS=20.
FUZZTIME ?= 20s
CHECKS ?= 2000
BENCH ?= .
RUNS ?= 10

# The workspace names the modules. It is in force whatever GOWORK says outside, or a module would be left out in silence.
export GOWORK := $(CURDIR)/go.work
MODULES = $(shell GOWORK='$(GOWORK)' go list -m -f '{{.Dir}}')
TESTED = $(filter-out $(CURDIR)/benchmarks,$(MODULES))

# $(call step,TEXT) says what comes now, and when, since some steps are long.
step = printf '\n=== %s  %s\n' "$$(date +%T)" "$(1)"
# $(call each,MODULES,COMMAND) runs a command in each of some modules, and stops at the first that fails.
each = modules="$(1)"; [ -n "$$modules" ] || { echo 'no modules: is go.work all right?' >&2; exit 1; }; \
	for module in $$modules; do (cd "$$module" && echo "--- .$${module\#$(CURDIR)}" && $(2)) || exit 1; done

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: test
test: ## Test every module but benchmarks, with the race detector where there is one
	@$(call step,test)
	@race=$$(.ci/race); $(call each,$(TESTED),go test $$race -shuffle=on ./...)

.PHONY: check
check: test plain quickstart hedging httpclient httpserver grpc safemode tuning tracing fmt vet portable lint vuln test-bench guard experiments stress properties fuzz standalone oldest ## Everything that CI runs
	@$(call step,all is well)

.PHONY: plain
plain: ## Test without the race detector, under which what calls allocate is not measured and fewer histories are compared
	@$(call step,plain)
	@$(call each,$(TESTED),go test -shuffle=on ./...)

.PHONY: quickstart
quickstart: ## Run the quickstart, which fails where it breaks a promise
	@$(call step,quickstart)
	@go run ./examples/quickstart

.PHONY: hedging
hedging: ## Run the example of a hedge, which fails where it breaks a promise
	@$(call step,hedging)
	@go run ./examples/hedging

.PHONY: httpclient
httpclient: ## Run the example of an HTTP client, which fails where it breaks a promise
	@$(call step,httpclient)
	@go run ./examples/httpclient

.PHONY: httpserver
httpserver: ## Run the example of a server under overload, which fails where it breaks a promise
	@$(call step,httpserver)
	@go run ./examples/httpserver

.PHONY: grpc
grpc: ## Run the example of gRPC, which fails where it breaks a promise
	@$(call step,grpc)
	@go run ./examples/grpc

.PHONY: safemode
safemode: ## Run the example of a safe mode, which fails where it breaks a promise
	@$(call step,safemode)
	@go run ./examples/safemode

.PHONY: tuning
tuning: ## Run the example of live tuning, which fails where a call is lost
	@$(call step,tuning)
	@go run ./examples/tuning

.PHONY: tracing
tracing: ## Run the example of traces, which fails where it breaks a promise
	@$(call step,tracing)
	@go run ./examples/tracing

.PHONY: bench
bench: ## Measure, beside the peers (RUNS, BENCH: which paths)
	@$(call step,bench)
	@go run ./benchmarks/compare -runs $(RUNS) -path '$(BENCH)'

.PHONY: guard
guard: ## Fail where a path has become slower than its gate by half, or allocates more
	@$(call step,guard)
	@go run ./benchmarks/compare -quick

.PHONY: experiments
experiments: ## Reproduce published results in virtual time, which fails where one does not come out
	@$(call step,experiments)
	@go run ./benchmarks/experiments

.PHONY: fuzz
fuzz: ## Fuzz each target for a while (FUZZTIME)
	@$(call step,fuzz: $(FUZZTIME) for each target)
	@$(call each,$(MODULES),"$(CURDIR)/.ci/fuzz" $(FUZZTIME))

.PHONY: stress
stress: ## Run the stress tests again and again, on one core and on two
	@$(call step,stress)
	@$(call each,$(TESTED),"$(CURDIR)/.ci/stress")

.PHONY: properties
properties: ## Check each property more often than the tests do (CHECKS)
	@$(call step,properties: $(CHECKS) checks of each)
	@$(call each,$(TESTED),"$(CURDIR)/.ci/properties" $(CHECKS))

.PHONY: fmt
fmt: ## Find what gofmt would change
	@$(call step,fmt)
	@found=$$("$$(go env GOROOT)/bin/gofmt" -l .); [ -z "$$found" ] || { printf 'gofmt would change:\n%s\n' "$$found"; exit 1; }

.PHONY: vet
vet: ## Run go vet on every module
	@$(call step,vet)
	@$(call each,$(MODULES),go vet ./...)

.PHONY: portable
portable: ## Vet the library for 32 bits, where an int is too small for what fits one here
	@$(call step,portable: 32 bits)
	@GOOS=linux GOARCH=386 CGO_ENABLED=0 go vet ./...

.PHONY: lint
lint: ## Run golangci-lint on every module
	@$(call step,lint)
	@go run $(GOLANGCI_LINT) config verify
	@$(call each,$(MODULES),go run $(GOLANGCI_LINT) run --allow-serial-runners ./...)

.PHONY: vuln
vuln: ## Look for known vulnerabilities, where the database can be reached
	@$(call step,vuln)
	@$(call each,$(MODULES),"$(CURDIR)/.ci/vuln" $(GOVULNCHECK_VERSION))

.PHONY: test-bench
test-bench: ## Test the benchmarks module
	@$(call step,test benchmarks)
	@cd benchmarks && go test -shuffle=on ./...

.PHONY: standalone
standalone: ## Build each module without the workspace, as its users do, and see that its go.mod is tidy
	@$(call step,standalone)
	@export GOWORK=off; $(call each,$(MODULES),go build ./... && go vet ./... && go mod tidy -diff && go mod verify)

.PHONY: oldest
oldest: ## Test ductilegrpc with the gRPC that its go.mod asks for, which in the workspace is a newer one
	@$(call step,oldest)
	@cd ductilegrpc && GOWORK=off go test -shuffle=on ./...

.PHONY: tidy
tidy: ## Tidy every go.mod, which is due in all modules when the root's requirements change
	@$(call step,tidy)
	@export GOWORK=off; $(call each,$(MODULES),go mod tidy)
