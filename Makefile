SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
export UV_LINK_MODE := copy

.PHONY: help setup run demo test check eval bench chaos attack crash leaks mutations fuzz-api other-server lock clean

help: ## Liste des commandes
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: .venv/.complete ## Environnement Python, depuis le verrou

.venv/.complete: requirements.lock pyproject.toml
	@scripts/setup

run: setup ## Démarre Voltaire : base, cabinet de démonstration, page et API
	@exec .venv/bin/voltaire serve

demo: setup ## Visite guidée dans le terminal
	@exec .venv/bin/voltaire demo

test: setup ## Tous les tests
	@scripts/test-tools
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup ## Analyses statiques
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/lint-imports && .venv/bin/pyright

eval: setup ## Mesures de qualité, avec leurs seuils
	@exec .venv/bin/voltaire eval

bench: setup ## Mesures de vitesse et de mémoire
	@scripts/bench-env || echo "Les autres moteurs ne seront pas mesurés."; $(PYTHON) -m evals.benchmarks.search && $(PYTHON) -m evals.benchmarks.ingestion && $(PYTHON) -m evals.benchmarks.startup && $(PYTHON) -m evals.benchmarks.engine && $(PYTHON) -m evals.benchmarks.mail && $(PYTHON) -m evals.benchmarks.tenders

leaks: setup ## Personnes et questions au hasard : rien de défendu ne revient de la recherche
	@$(PYTHON) -m evals.leaks

other-server: setup ## Essaie le moteur sur un autre serveur de la Messages API
	@scripts/other-server

mutations: setup ## Ôte chaque garde des écritures : un test doit le voir
	@$(PYTHON) -m tests.mutations

fuzz-api: setup ## Appelle chaque adresse de l’API 200 fois, au hasard : rien hors de sa description
	@VOLTAIRE_FUZZ_EXAMPLES=200 $(PYTHON) -m pytest -n 0 tests/integration/test_api_contract.py

chaos: setup ## Courriels livrés sous les coups : doublons, désordre, pertes, arrêts brutaux
	@$(PYTHON) -m evals.chaos_mail 2000

attack: setup ## Un million d’appels hostiles : aucune écriture sans accord
	@$(PYTHON) -m evals.attack

crash: setup ## Tue chaque processus 300 fois : rien de perdu, rien en double
	@$(PYTHON) -m evals.crash

lock: ## Refait le verrou des dépendances
	@uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock

clean: ## Efface l’environnement et les données de démonstration
	@rm -rf .venv .voltaire
