//! Who the client is, for which project it works, and its other properties.

use std::sync::LazyLock;

use regex::Regex;

use super::Stop;
use super::client::Client;

/// An id that a project may have.
static PROJECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:[-a-z0-9.]+:)?(?:[0-9]{1,19}|[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$").ok());

impl Client<'_, '_> {
    /// A property (`compute/zone`): of the environment, else of the configuration.
    pub fn property(&self, name: &str) -> Option<String> {
        let variable = format!("CLOUDSDK_{}", name.replace('/', "_").to_uppercase());
        let cloud = &self.process.world.cloud;
        let own = || match name {
            "core/project" => cloud.project.clone(),
            "core/account" => cloud.properties.get(name).or(cloud.account.as_ref()).cloned(),
            name => cloud.properties.get(name).cloned(),
        };
        self.process.env.get(&variable).filter(|value| !value.is_empty()).cloned().or_else(own)
    }

    /// Somebody is logged in.
    ///
    /// # Errors
    /// Nobody is, or the project has no possible id.
    pub fn check_account(&mut self) -> Result<(), Stop> {
        if let Some(project) = self.args.value("--project").map(str::to_owned).or_else(|| self.property("core/project"))
            && !PROJECT.as_ref().is_some_and(|pattern| pattern.is_match(&project))
        {
            self.process.complain(format!(
                "ERROR: (gcloud) The project property must be set to a valid project ID, not the project name [{project}]\n\
                 To set your project, run:\n\n  $ gcloud config set project PROJECT_ID\n\nor to unset it, run:\n\n  $ gcloud config unset project"
            ));
            return Err(Stop::Exit(1));
        }
        let is_refused = self.process.world.cloud.refused.contains_key("account");
        if !is_refused && self.property("auth/access_token_file").is_some() {
            return Ok(());
        }
        let logged_in = self.process.world.cloud.account.clone().filter(|_| !is_refused);
        let named = self.args.value("--account").map(str::to_owned);
        let named = named.or_else(|| match self.process.world.cloud.refused.get("account") {
            Some(name) => Some(name.clone()).filter(|name| !name.is_empty()),
            None => self.property("core/account"),
        });
        match named {
            Some(account) if logged_in.as_ref() == Some(&account) => Ok(()),
            Some(account) => Err(Stop::Failed(format!(
                "Your current active account [{account}] does not have any valid credentials\nPlease run:\n\n  $ gcloud auth login\n\n\
                 to obtain new credentials.\n\nFor service account, please activate it first:\n\n  $ gcloud auth activate-service-account ACCOUNT"
            ))),
            None => Err(Stop::Failed(
                "You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n\n\
                 If you have already logged in with a different account, run:\n\n  $ gcloud config set account ACCOUNT\n\n\
                 to select an already authenticated account to use."
                    .to_owned(),
            )),
        }
    }

    /// The project.
    ///
    /// # Errors
    /// There is none.
    pub fn project(&self) -> Result<String, Stop> {
        let named = self.args.value("--project").map(str::to_owned);
        named.or_else(|| self.property("core/project")).ok_or_else(|| {
            Stop::Failed(
                "The required property [project] is not currently set.\n\
                 It can be set on a per-command basis by re-running your command with the [--project] flag.\n\n\
                 You may set it for your current workspace by running:\n\n  $ gcloud config set project VALUE\n\n\
                 or it can be set temporarily by the environment variable [CLOUDSDK_CORE_PROJECT]"
                    .to_owned(),
            )
        })
    }

    /// Who asks, as messages say it.
    pub fn credentials(&self) -> String {
        match self.property("auth/access_token_file") {
            Some(file) => format!(
                "This command is authenticated with an access token from {file} specified by the [auth/access_token_file] property."
            ),
            None => format!(
                "This command is authenticated as {} which is the active account specified by the [core/account] property.",
                self.account()
            ),
        }
    }

    /// The account's name.
    pub fn account(&self) -> String {
        let named = self.args.value("--account").map(str::to_owned);
        named.or_else(|| self.property("core/account")).unwrap_or_default()
    }
}
