//! The simulated world.

use runbook::model;

mod build;
mod build_changes;
mod build_copies;
mod docker;
mod docker_behaviour;
mod docker_facts;
mod docker_lab;
mod docker_normal;
mod docker_words;
mod gcloud;
mod gcloud_expressions;
mod gcloud_operator;
mod gcloud_recovery;
mod gcloud_refused;
mod servers;
mod shell;
mod shell_runbooks;
mod systems;
