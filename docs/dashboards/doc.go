// Package dashboards has nothing to import: it is where ductile.json and alerts.yml are tested. They are for Grafana and Prometheus; README.md says
// how they get there. It is a module of its own, because the tests need Prometheus, and nobody who uses Ductile does.
package dashboards
