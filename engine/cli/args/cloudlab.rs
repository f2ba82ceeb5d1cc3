//! The flags of `cloudlab`, which labs start and people do not.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `cloudlab`.
#[derive(Debug, Args)]
pub struct CloudlabArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: CloudlabVerb,
}

/// The verbs of a cloud lab.
#[derive(Debug, Subcommand)]
pub enum CloudlabVerb {
    /// Stand in for Google Cloud until somebody asks for the end
    Serve {
        /// The configuration, a JSON file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Stand in for the client `gcloud`: ask the lab, never Google
    Gcloud {
        /// The command line of `gcloud`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<String>,
    },
}
