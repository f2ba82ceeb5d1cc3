//! Work inside a container: the Docker client with `exec`, run where the container's Engine is.

use crate::model::work::{Target, Task, Tool, Work};

/// Turns work in a container into work of the Docker client; other work stays as it is. Values of variables stay in the client's
/// environment: only their names stand in its arguments.
///
/// # Errors
/// What cannot be done in a container.
pub(super) fn entered(mut work: Work) -> Result<Work, String> {
    while let Target::Container { name, via } = work.target {
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("`{}` cannot be the name of a container", name.escape_debug()));
        }
        let (_, argv) = match work.task {
            Task::Program { tool, argv } => (tool, argv),
            Task::Wait(_) | Task::Notify { .. } => {
                work.target = Target::Local;
                return Ok(work);
            }
            Task::Http { .. } => {
                return Err("an HTTP request from inside a container is not supported; run `curl` there with `exec:`"
                    .to_owned());
            }
        };
        let mut entered = vec!["docker".to_owned(), "exec".to_owned()];
        if work.stdin.is_some() {
            entered.push("-i".to_owned());
        }
        if let Some(directory) = work.working_dir.take() {
            entered.extend(["-w".to_owned(), directory.to_string_lossy().into_owned()]);
        }
        let own = ["RUNBOOK_RUN", "RUNBOOK_STEP"];
        for variable in work.env.iter().map(|(variable, _)| variable.as_str()).chain(own) {
            if variable.is_empty() || variable.contains(['=', '\0']) {
                return Err(format!("`{}` cannot be the name of an environment variable", variable.escape_debug()));
            }
            entered.extend(["-e".to_owned(), variable.to_owned()]);
        }
        entered.push(name);
        entered.extend(argv);
        work.task = Task::Program { tool: Tool::Docker, argv: entered };
        work.target = *via;
    }
    Ok(work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{AttemptToken, RunId, StepId};
    use crate::model::work::{Attempt, Capture, Purpose, Rendered};

    fn inside(name: &str, task: Task) -> Work {
        let attempt = Attempt {
            run: RunId("R".into()),
            step: StepId("s".into()),
            epoch: 1,
            number: 1,
            purpose: Purpose::Action,
            token: AttemptToken("T".into()),
        };
        Work {
            attempt,
            target: Target::Container { name: name.into(), via: Box::new(Target::Local) },
            task,
            env: vec![("PGPASSWORD".into(), Rendered::text("hunter22"))],
            stdin: Some(Rendered::text("select 1")),
            working_dir: Some("/srv".into()),
            timeout: std::time::Duration::from_secs(1),
            capture: Capture::default(),
        }
    }

    #[test]
    fn values_stay_out_of_the_arguments() {
        let psql = Task::Program { tool: Tool::Exec, argv: vec!["psql".into(), "-At".into()] };
        let work = entered(inside("db", psql)).unwrap();
        let Task::Program { tool: Tool::Docker, argv } = &work.task else { panic!("{:?}", work.task) };
        let line = argv.join(" ");
        assert_eq!(line, "docker exec -i -w /srv -e PGPASSWORD -e RUNBOOK_RUN -e RUNBOOK_STEP db psql -At");
        assert_eq!((work.target, work.working_dir), (Target::Local, None));
    }

    #[test]
    fn a_name_that_reads_like_an_option_is_refused() {
        let argv = Task::Program { tool: Tool::Exec, argv: vec!["true".into()] };
        assert!(entered(inside("--privileged", argv)).is_err());
    }
}
