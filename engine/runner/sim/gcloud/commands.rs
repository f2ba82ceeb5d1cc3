//! The commands that this world carries out, and which of their flags.

use super::arguments::Arguments;
use super::client::Client;
use super::surface::Surface;
use super::{
    Stop, addresses, attach, config, create_instance, databases, disks, instances, managed_zones, operations, places,
    policies, projects, record_sets, snapshots, ssh, transaction,
};

/// One command.
#[derive(Debug)]
pub struct Command {
    /// `compute disks create`.
    path: &'static str,
    /// Its flags that are understood, without those that every command has.
    knows: &'static str,
    /// How it shows what it did.
    pub format: &'static str,
    /// It asks the API, so somebody has to be logged in.
    pub asks: bool,
    pub run: fn(&mut Client<'_, '_>) -> Result<(), Stop>,
}

/// Flags that every command has and that are understood.
const GLOBAL: [&str; 7] =
    ["--project", "--quiet", "--format", "--account", "--verbosity", "--billing-project", "--user-output-enabled"];

/// Flags of every list.
const LIST: &str = "--filter --limit --page-size --sort-by --uri";

const DISK: &str = "table(name, zone.basename(), sizeGb, type.basename(), status)";
const DISKS: &str = "table( name, location(), location_scope(), sizeGb, type.basename(), status )";
const SNAPSHOTS: &str = "table( name, diskSizeGb, sourceDisk.scope():label=SRC_DISK, status )";
const INSTANCES: &str = "table( name, zone.basename(), machineType.machine_type().basename(), \
    scheduling.preemptible.yesno(yes=true, no=''), networkInterfaces.internal_ip():label=INTERNAL_IP, \
    external_ip():label=EXTERNAL_IP, status )";
const POLICIES: &str = "table( name, description, region, creationTimestamp )";
const ADDRESSES: &str = "table( name, address_range():label=ADDRESS/RANGE, addressType:label=TYPE, purpose, network.basename(), \
    region.basename(), subnetwork.basename():label=SUBNET, status )";
const OPERATIONS: &str = "table( name, operationType:label=TYPE, targetLink.scope():label=TARGET, \
    operation_http_status():label=HTTP_STATUS, status, insertTime:label=TIMESTAMP )";
const ZONES: &str = "table(name, region.basename(), status:label=STATUS, maintenanceWindows:label=NEXT_MAINTENANCE, \
    deprecated.deleted:label=TURNDOWN_DATE )";
const RECORDS: &str = "table( name, type, ttl, firstof(rrdatas,routingPolicy).formatrrset():label=DATA)";
const CHANGES: &str = "table(id, startTime, status)";
const DATABASES: &str = "table(name,databaseVersion,firstof(gceZone,region):label=LOCATION,settings.tier,\
    primary_address():label=PRIMARY_ADDRESS,private_address():label=PRIVATE_ADDRESS,state:label=STATUS)";
const DATABASE_OPERATIONS: &str = "table( name, operationType:label=TYPE, startTime.iso():label=START, endTime.iso():label=END, \
    error.errors[0].code.yesno(no=\"-\"):label=ERROR, status:label=STATUS )";

const fn ask(
    path: &'static str,
    knows: &'static str,
    format: &'static str,
    run: fn(&mut Client<'_, '_>) -> Result<(), Stop>,
) -> Command {
    Command { path, knows, format, asks: true, run }
}

const fn own(
    path: &'static str,
    knows: &'static str,
    format: &'static str,
    run: fn(&mut Client<'_, '_>) -> Result<(), Stop>,
) -> Command {
    Command { path, knows, format, asks: false, run }
}

#[rustfmt::skip]
static COMMANDS: [Command; 70] = [
    ask("compute disks create", "--zone --size --type --source-snapshot --labels --description --resource-policies", DISK, disks::create),
    ask("compute disks describe", "--zone", "default", disks::describe),
    ask("compute disks list", "--zones", DISKS, disks::list),
    ask("compute disks snapshot", "--zone --snapshot-names --storage-location --labels --description --async", "none", snapshots::of_disk),
    ask("compute disks delete", "--zone", "none", disks::delete),
    ask("compute disks resize", "--zone --size", "default", disks::resize),
    ask("compute disks add-resource-policies", "--zone --resource-policies", "none", disks::add_policies),
    ask("compute disks remove-resource-policies", "--zone --resource-policies", "none", disks::remove_policies),
    ask("compute snapshots create", "--source-disk --source-disk-zone --storage-location --labels --description --async", "none", snapshots::create),
    ask("compute snapshots list", "", SNAPSHOTS, snapshots::list),
    ask("compute snapshots describe", "", "default", snapshots::describe),
    ask("compute snapshots delete", "", "none", snapshots::delete),
    ask("compute instances create", create_instance::KNOWS, INSTANCES, create_instance::create),
    ask("compute instances describe", "--zone", "default", instances::describe),
    ask("compute instances list", "--zones", INSTANCES, instances::list),
    ask("compute instances start", "--zone --async", "none", instances::start),
    ask("compute instances stop", "--zone --async", "none", instances::stop),
    ask("compute instances reset", "--zone", "none", instances::reset),
    ask("compute instances delete", "--zone --keep-disks --delete-disks", "none", instances::delete),
    ask("compute instances attach-disk", "--zone --disk --device-name --mode --boot --disk-scope", "none", attach::attach),
    ask("compute instances detach-disk", "--zone --disk --device-name --disk-scope", "none", attach::detach),
    ask("compute instances set-disk-auto-delete", "--zone --disk --device-name --auto-delete", "none", attach::set_auto_delete),
    ask("compute instances add-access-config", "--zone --address --access-config-name --network-tier", "none", attach::add_access),
    ask("compute instances delete-access-config", "--zone --access-config-name", "none", attach::delete_access),
    ask("compute resource-policies create snapshot-schedule", policies::KNOWS, "none", policies::create),
    ask("compute resource-policies describe", "--region", "default", policies::describe),
    ask("compute resource-policies list", "", POLICIES, policies::list),
    ask("compute resource-policies delete", "--region", "none", policies::delete),
    ask("compute addresses create", "--region --addresses --description --network-tier", "none", addresses::create),
    ask("compute addresses describe", "--region", "default", addresses::describe),
    ask("compute addresses list", "--regions", ADDRESSES, addresses::list),
    ask("compute addresses delete", "--region", "none", addresses::delete),
    ask("compute operations list", "--zones --regions --global", OPERATIONS, operations::list),
    ask("compute operations describe", "--zone --region --global", "default", operations::describe),
    ask("compute regions describe", "", "default", places::describe_region),
    ask("compute zones list", "", ZONES, places::list_zones),
    ask("compute zones describe", "", "default", places::describe_zone),
    ask("compute ssh", ssh::KNOWS, "default", ssh::ssh),
    ask("dns managed-zones create", "--dns-name --description --visibility", "none", managed_zones::create),
    ask("dns managed-zones list", "", "table(name, dnsName, description, visibility)", managed_zones::list),
    ask("dns managed-zones describe", "", "default", managed_zones::describe),
    ask("dns record-sets create", "--zone --type --ttl --rrdatas", RECORDS, record_sets::create),
    ask("dns record-sets list", "--zone --name --type", RECORDS, record_sets::list),
    ask("dns record-sets describe", "--zone --type", RECORDS, record_sets::describe),
    ask("dns record-sets update", "--zone --type --ttl --rrdatas", RECORDS, record_sets::update),
    ask("dns record-sets delete", "--zone --type", "none", record_sets::delete),
    ask("dns record-sets transaction start", "--zone --transaction-file", "default", transaction::start),
    ask("dns record-sets transaction add", "--zone --transaction-file --name --ttl --type", "default", transaction::add),
    ask("dns record-sets transaction remove", "--zone --transaction-file --name --ttl --type", "default", transaction::remove),
    ask("dns record-sets transaction describe", "--zone --transaction-file", "default", transaction::describe),
    ask("dns record-sets transaction execute", "--zone --transaction-file", CHANGES, transaction::execute),
    ask("dns record-sets transaction abort", "--zone --transaction-file", "default", transaction::abort),
    ask("dns record-sets changes list", "--zone", CHANGES, record_sets::changes),
    ask("dns record-sets changes describe", "--zone", "default", record_sets::describe_change),
    ask("sql instances list", "", DATABASES, databases::list),
    ask("sql instances describe", "", "default", databases::describe),
    ask("sql instances clone", "--async --point-in-time", DATABASES, databases::clone),
    ask("sql instances promote-replica", "--async", "default", databases::promote),
    ask("sql instances patch", databases::PATCH, "none", databases::patch),
    ask("sql instances delete", "--async", "default", databases::delete),
    ask("sql instances restart", "--async", "default", databases::restart),
    ask("sql operations list", "--instance", DATABASE_OPERATIONS, databases::operations),
    ask("sql operations describe", "", "default", databases::describe_operation),
    ask("projects describe", "", "default", projects::describe),
    ask("projects list", "", "table( projectId:sort=1, name, projectNumber )", projects::list),
    own("auth list", "", "default", config::accounts),
    own("config set", "", "default", config::set),
    own("config get", "", "value(.)", config::get),
    own("config get-value", "", "value(.)", config::get),
    own("config unset", "", "default", config::unset),
];

impl Command {
    pub fn find(path: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.path == path)
    }

    /// Every flag is one that this world understands.
    ///
    /// # Errors
    /// One is not.
    pub fn check(&self, args: &Arguments) -> Result<(), Stop> {
        let is_list = Surface::get()
            .command(self.path)
            .is_some_and(|grammar| grammar.flags.iter().any(|f| f.name() == "--filter"));
        let knows = |name: &str| {
            let own = self.knows.split(' ').chain(GLOBAL);
            own.chain(LIST.split(' ').filter(|_| is_list)).any(|known| known == name)
        };
        let unknown = args.names().find(|name| {
            let positive = name.strip_prefix("--no-").map(|name| format!("--{name}"));
            !knows(name) && !positive.is_some_and(|positive| knows(&positive))
        });
        if let Some(name) = unknown {
            return Err(Stop::unsimulated(format!("`gcloud {} {name}`", self.path)));
        }
        if is_list && !args.operands.is_empty() {
            return Err(Stop::unsimulated(format!("`gcloud {} NAME`", self.path)));
        }
        Ok(())
    }
}
