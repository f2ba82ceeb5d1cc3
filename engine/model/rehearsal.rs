//! What a rehearsal is told, as authored: changes to the simulated world, simulated answers, faults, findings that stand.

use std::time::Duration;

use serde::Serialize;

use super::change::{BackupState, DataState, DatabaseState, HostState, ImageState, Presence, ServiceState, VmState};
use super::source::{Expr, Map, Name, Span, Spanned, Text};

/// One word of a few.
pub trait Word: Copy + PartialEq + 'static {
    /// What it says, for messages: "the state of a service".
    const WHAT: &'static str;
    /// Each word and its meaning.
    const WORDS: &'static [(&'static str, Self)];

    /// The meaning of a word.
    #[must_use]
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    }

    /// As it is written.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, meaning)| *meaning == self).map_or("", |(word, _)| word)
    }
}

/// The words of an enum.
macro_rules! words {
    ($type:ty, $what:literal, $($word:literal => $variant:ident),+ $(,)?) => {
        impl $crate::model::rehearsal::Word for $type {
            const WHAT: &'static str = $what;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }
    };
}
pub(super) use words;

words!(
    ServiceState, "the state of a service",
    "running" => Running, "stopped" => Stopped, "crashed" => Crashed, "crash_loop" => CrashLoop,
    "unhealthy" => Unhealthy, "paused" => Paused, "absent" => Absent,
);
words!(DataState, "the state of data", "whole" => Whole, "damaged" => Damaged, "empty" => Empty, "lost" => Lost);
words!(BackupState, "the state of a backup", "whole" => Whole, "damaged" => Damaged, "absent" => Absent);
words!(
    ImageState, "what an image does",
    "works" => Works, "crashes" => Crashes, "unhealthy" => Unhealthy, "pullable" => Pullable, "absent" => Absent,
);
words!(
    HostState, "the state of a machine",
    "up" => Up, "down" => Down, "cut" => Cut, "restarted" => Restarted,
);
words!(
    VmState, "the state of a virtual machine",
    "running" => Running, "terminated" => Terminated, "absent" => Absent,
);
words!(Presence, "whether it is there", "present" => Present, "absent" => Absent);
words!(
    DatabaseState, "the state of a database server",
    "primary" => Primary, "standby" => Standby, "down" => Down,
);
words!(Refusal, "whether it is refused", "refused" => Refused, "allowed" => Allowed);

/// What a cloud does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It refuses.
    Refused,
    /// It does it.
    Allowed,
}

/// A value that is written out, or a text that gives it when it is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum OrText<V, T> {
    /// Written out.
    Value(V),
    /// Has `${{ }}` in it.
    Text(T),
}

/// A change to a simulated world; see `Change` for what each does. `T` is a text: as authored, or compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of `Change`")]
pub enum ChangeOf<T> {
    Service {
        name: T,
        is: OrText<ServiceState, T>,
        image: Option<T>,
    },
    Data {
        name: T,
        is: OrText<DataState, T>,
        from: Option<T>,
    },
    Backup {
        data: T,
        name: T,
        is: OrText<BackupState, T>,
        age: Option<OrText<Duration, T>>,
    },
    Image {
        name: T,
        is: OrText<ImageState, T>,
    },
    Host {
        name: Option<T>,
        is: OrText<HostState, T>,
        address: Option<T>,
    },
    Vm {
        name: T,
        is: OrText<VmState, T>,
        project: Option<T>,
        zone: Option<T>,
        address: Option<T>,
        host: Option<T>,
    },
    Disk {
        name: T,
        is: OrText<Presence, T>,
        vm: Option<T>,
        device: Option<T>,
        data: Option<T>,
        project: Option<T>,
        zone: Option<T>,
    },
    Snapshot {
        name: T,
        is: OrText<Presence, T>,
        disk: Option<T>,
        age: Option<OrText<Duration, T>>,
        ready: OrText<bool, T>,
    },
    Dns {
        name: T,
        address: Option<T>,
        zone: Option<T>,
    },
    Http {
        url: T,
        status: Option<OrText<u16, T>>,
        body: Option<T>,
        service: Option<T>,
    },
    Database {
        host: T,
        is: OrText<DatabaseState, T>,
        of: Option<T>,
        lag: Option<OrText<Duration, T>>,
    },
    File {
        path: T,
        text: Option<T>,
        host: Option<T>,
        is: OrText<Presence, T>,
    },
    Cloud {
        refuses: T,
        is: OrText<Refusal, T>,
    },
}

/// A change as authored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeDecl {
    /// Where it was written.
    pub span: Span,
    /// What it does.
    pub change: ChangeOf<Text>,
}

/// `simulate:`: what an operation does in a rehearsal, instead of being answered by the simulated world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulateDecl {
    /// Where it was written.
    pub span: Span,
    /// What it prints; of a request: the body.
    pub stdout: Option<Text>,
    /// What it says.
    pub stderr: Option<Text>,
    /// Its exit code; none: 0.
    pub exit: Option<Expr>,
    /// Of a request: its status; none: 200.
    pub status: Option<Expr>,
    /// How long it takes.
    pub takes: Option<Duration>,
    /// What becomes of the world.
    pub effects: Vec<ChangeDecl>,
    /// What the person answers.
    pub inputs: Map<Text>,
}

/// A fault: what is broken before the runbook is rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultDecl {
    /// Where it was written.
    pub span: Span,
    /// For people; none: the id.
    pub title: Option<Text>,
    /// What it does.
    pub effects: Vec<ChangeDecl>,
}

/// A finding of a rehearsal that is known and stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptDecl {
    /// Where it was written.
    pub span: Span,
    /// Which.
    pub finding: Finding,
    /// At which step; none: wherever.
    pub step: Option<Name>,
    /// Why.
    pub because: Spanned<String>,
}

/// What a rehearsal can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// An invariant of the author does not hold at some moment of a path; never stands.
    Invariant,
    /// A path on which no whole copy of some data is left, or none that anybody has read to its end.
    DataAtRisk,
    /// The run says that it succeeded, and the system is not well.
    FalseSuccess,
    /// A service stays paused at the end of a path.
    LeftPaused,
    /// Something that the run made stays at the end of a path.
    LeftBehind,
    /// A rollback that does not get to its end.
    StuckRollback,
    /// A check that passes whatever is wrong.
    NeverRed,
    /// A step that no path reaches.
    Unreachable,
    /// Work that the simulated world does not know, so that nobody can say what comes after it.
    NotSimulated,
    /// A path that waits for a person.
    NeedsPerson,
}

words!(
    Finding, "a finding of a rehearsal",
    "invariant" => Invariant,
    "data_at_risk" => DataAtRisk, "false_success" => FalseSuccess, "left_paused" => LeftPaused,
    "left_behind" => LeftBehind, "stuck_rollback" => StuckRollback, "never_red" => NeverRed,
    "unreachable" => Unreachable, "not_simulated" => NotSimulated, "needs_person" => NeedsPerson,
);

impl Finding {
    /// Its code, as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.word()
    }

    /// The code of its diagnostics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invariant => "rehearse::invariant",
            Self::DataAtRisk => "rehearse::data_at_risk",
            Self::FalseSuccess => "rehearse::false_success",
            Self::LeftPaused => "rehearse::left_paused",
            Self::LeftBehind => "rehearse::left_behind",
            Self::StuckRollback => "rehearse::stuck_rollback",
            Self::NeverRed => "rehearse::never_red",
            Self::Unreachable => "rehearse::unreachable",
            Self::NotSimulated => "rehearse::not_simulated",
            Self::NeedsPerson => "rehearse::needs_person",
        }
    }

    /// True for what makes a rehearsal fail; the others are worth a look.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self, Self::Invariant | Self::DataAtRisk | Self::FalseSuccess | Self::LeftPaused)
    }

    /// One line for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Invariant => "an invariant does not hold at some moment",
            Self::DataAtRisk => "no whole copy of some data is left, or none that was read to its end",
            Self::FalseSuccess => "the run says that it succeeded, and the system is not well",
            Self::LeftPaused => "a service stays paused",
            Self::LeftBehind => "something that the run made stays",
            Self::StuckRollback => "a rollback does not get to its end",
            Self::NeverRed => "a check passes whatever is wrong",
            Self::Unreachable => "no path reaches the step",
            Self::NotSimulated => "the simulated world does not know this work",
            Self::NeedsPerson => "a path waits for a person",
        }
    }
}

impl<V: Clone, T> OrText<V, T> {
    fn map<U>(&self, make: &mut impl FnMut(&T) -> U) -> OrText<V, U> {
        match self {
            Self::Value(value) => OrText::Value(value.clone()),
            Self::Text(text) => OrText::Text(make(text)),
        }
    }
}

impl<T> ChangeOf<T> {
    /// The same change of other texts, each made from its own.
    pub fn map<U>(&self, make: &mut impl FnMut(&T) -> U) -> ChangeOf<U> {
        match self {
            Self::Service { name, is, image } => {
                ChangeOf::Service { name: make(name), is: is.map(make), image: image.as_ref().map(&mut *make) }
            }
            Self::Data { name, is, from } => {
                ChangeOf::Data { name: make(name), is: is.map(make), from: from.as_ref().map(&mut *make) }
            }
            Self::Backup { data, name, is, age } => ChangeOf::Backup {
                data: make(data),
                name: make(name),
                is: is.map(make),
                age: age.as_ref().map(|age| age.map(make)),
            },
            Self::Image { name, is } => ChangeOf::Image { name: make(name), is: is.map(make) },
            Self::Host { name, is, address } => ChangeOf::Host {
                name: name.as_ref().map(&mut *make),
                is: is.map(make),
                address: address.as_ref().map(&mut *make),
            },
            Self::Vm { name, is, project, zone, address, host } => ChangeOf::Vm {
                name: make(name),
                is: is.map(make),
                project: project.as_ref().map(&mut *make),
                zone: zone.as_ref().map(&mut *make),
                address: address.as_ref().map(&mut *make),
                host: host.as_ref().map(&mut *make),
            },
            Self::Disk { name, is, vm, device, data, project, zone } => ChangeOf::Disk {
                name: make(name),
                is: is.map(make),
                vm: vm.as_ref().map(&mut *make),
                device: device.as_ref().map(&mut *make),
                data: data.as_ref().map(&mut *make),
                project: project.as_ref().map(&mut *make),
                zone: zone.as_ref().map(&mut *make),
            },
            Self::Snapshot { name, is, disk, age, ready } => ChangeOf::Snapshot {
                name: make(name),
                is: is.map(make),
                disk: disk.as_ref().map(&mut *make),
                age: age.as_ref().map(|age| age.map(make)),
                ready: ready.map(make),
            },
            Self::Dns { name, address, zone } => ChangeOf::Dns {
                name: make(name),
                address: address.as_ref().map(&mut *make),
                zone: zone.as_ref().map(&mut *make),
            },
            Self::Http { url, status, body, service } => ChangeOf::Http {
                url: make(url),
                status: status.as_ref().map(|status| status.map(make)),
                body: body.as_ref().map(&mut *make),
                service: service.as_ref().map(&mut *make),
            },
            Self::Database { host, is, of, lag } => ChangeOf::Database {
                host: make(host),
                is: is.map(make),
                of: of.as_ref().map(&mut *make),
                lag: lag.as_ref().map(|lag| lag.map(make)),
            },
            Self::File { path, text, host, is } => ChangeOf::File {
                path: make(path),
                text: text.as_ref().map(&mut *make),
                host: host.as_ref().map(&mut *make),
                is: is.map(make),
            },
            Self::Cloud { refuses, is } => ChangeOf::Cloud { refuses: make(refuses), is: is.map(make) },
        }
    }
}
