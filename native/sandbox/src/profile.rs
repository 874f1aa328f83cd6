//! The profiles, as data: what a process under each of them may still do.

/// What may be done below a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// See names; open no file.
    List,
    /// Read files and folders.
    Read,
    /// Read, and run as a program.
    Run,
    /// The same of what every user of the machine may read.
    Common,
    /// Read, change, make and remove files, folders and links; no devices, no sockets.
    Write,
    /// Read and write what is there, such as `/dev/null`; make nothing.
    Use,
}

/// Places that differ from instance to instance, or are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The program itself.
    Program,
    /// The dynamic loader.
    Loader,
    /// Shared libraries of the system.
    Libraries,
    /// Names, certificates and time zones: facts that every user of the machine may read.
    Facts,
    /// `/proc`; what belongs to other processes stays closed by Landlock's rule for tracing.
    Processes,
    /// Null, zero and random.
    Devices,
    /// `BULKHEAD_HOME`: our bundles.
    Installed,
    /// This actor's own folder below the state dir. Made when it is not there.
    State,
    /// The audit log below the state dir. Made when it is not there.
    Audit,
    /// `BULKHEAD_CONFIG_DIR`.
    Config,
    /// `BULKHEAD_WORKSPACE`.
    Workspace,
    /// The person's home folder.
    Home,
    /// The person's trash folder.
    Trash,
    /// What `--read` named.
    Asked,
    /// What `--write` named: folders of files that a person opened outside the workspace.
    Opened,
    /// Programs, libraries and settings of the system.
    System,
    /// Programs of the person: the folders of PATH, and where language tools keep theirs.
    Tools,
    /// The person's settings for git.
    GitSettings,
    /// What lies outside the workspace of the repository that it is part of.
    Repository,
    /// A folder made for this program, removed when it has ended.
    Temporary,
}

/// What the network is used for, beside a port chosen by the kernel for Node's inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// No connecting.
    None,
    /// Connections to the profile's ports, and name lookup.
    Client,
}

/// Whether a program that the supervisor answers learns of what a rule closes inside its folders. It never reads that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClosedNames {
    /// Left out of listings, and nothing is told of them.
    Hidden,
    /// Seen, with kind, size and times.
    Shown,
}

/// Which variables of the environment are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// All: the terminal actor hands them to shells of windows that sent none.
    Whole,
    /// Ours, and what a program needs to find itself: names in `environment.rs`.
    Scrubbed,
    /// What a program needs to find itself, and what `--keep` named.
    Foreign,
}

/// A confined life.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    /// Whether the launcher stays, and answers each call that names a path.
    pub(crate) is_supervised: bool,
    pub(crate) files: &'static [(Place, Access)],
    pub(crate) network: Network,
    /// Ports it may connect to, TCP.
    pub(crate) ports: &'static [u16],
    /// Whether it may start programs. One that may not runs nothing but itself.
    pub(crate) has_processes: bool,
    /// Of a supervised program.
    pub(crate) closed_names: ClosedNames,
    /// Whether it may change modes, owners, times and attributes. Landlock does not look at those.
    pub(crate) has_metadata: bool,
    pub(crate) environment: Environment,
    /// Largest file it may write, bytes.
    pub(crate) file_bytes_max: u64,
}

const GIB: u64 = 1024 * 1024 * 1024;

/// What every Node actor needs to live.
macro_rules! actor_files {
    ($($more:expr),* $(,)?) => {
        &[
            (Place::Program, Access::Run),
            (Place::Loader, Access::Run),
            (Place::Libraries, Access::Read),
            (Place::Facts, Access::Read),
            (Place::Processes, Access::Read),
            (Place::Devices, Access::Use),
            (Place::Installed, Access::Read),
            (Place::State, Access::Write),
            (Place::Asked, Access::Read),
            $($more),*
        ]
    };
}

/// What every foreign program needs to run; the policy closes more inside it.
macro_rules! program_files {
    ($($more:expr),* $(,)?) => {
        &[
            (Place::System, Access::Common),
            (Place::Tools, Access::Run),
            (Place::GitSettings, Access::Read),
            (Place::Temporary, Access::Write),
            (Place::Asked, Access::Run),
            $($more),*
        ]
    };
}

const PROGRAM: Profile = Profile {
    is_supervised: true,
    files: program_files![],
    has_processes: true,
    has_metadata: true,
    environment: Environment::Foreign,
    file_bytes_max: 16 * GIB,
    ..ACTOR
};

const ACTOR: Profile = Profile {
    name: "",
    is_supervised: false,
    files: actor_files![],
    network: Network::None,
    ports: &[],
    has_processes: false,
    closed_names: ClosedNames::Hidden,
    has_metadata: false,
    environment: Environment::Scrubbed,
    file_bytes_max: GIB,
};

/// Every profile there is.
pub(crate) const ALL: &[Profile] = &[
    Profile {
        name: "file-guard",
        files: actor_files![
            (Place::Workspace, Access::Write),
            (Place::Trash, Access::Write),
            (Place::Audit, Access::Write),
            (Place::Opened, Access::Write),
            (Place::Config, Access::Read),
            (Place::Home, Access::List),
        ],
        has_metadata: true,
        file_bytes_max: 64 * GIB,
        ..ACTOR
    },
    Profile { name: "editor-sync", ..ACTOR },
    Profile { name: "git", ..ACTOR },
    Profile { name: "terminal", environment: Environment::Whole, ..ACTOR },
    Profile { name: "model", network: Network::Client, ports: &[443, 11434], ..ACTOR },
    Profile { name: "mcp", network: Network::Client, ports: &[80, 443], ..ACTOR },
    Profile { name: "agent", files: program_files![(Place::Workspace, Access::Write)], ..PROGRAM },
    Profile {
        name: "mcp-server",
        files: program_files![(Place::Workspace, Access::Read)],
        ..PROGRAM
    },
    Profile {
        name: "git-read",
        // What a repository asks git to run is not run: it makes no process and executes nothing else.
        files: &[
            (Place::Program, Access::Run),
            (Place::Loader, Access::Run),
            (Place::System, Access::Common),
            (Place::Tools, Access::Read),
            (Place::GitSettings, Access::Read),
            (Place::Workspace, Access::Read),
            (Place::Repository, Access::Read),
        ],
        has_processes: false,
        closed_names: ClosedNames::Shown,
        has_metadata: false,
        ..PROGRAM
    },
];

/// The profile of that name.
pub(crate) fn find(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.name == name)
}
