//! Where a resource of Compute Engine is, and the names that the API gives it.

/// The beginning of every link.
const LINKS: &str = "https://www.googleapis.com/compute/v1/";

/// A resource by project, scope and name; of which kind, its user knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The project.
    pub project: String,
    /// Where in it.
    pub scope: Scope,
    /// Its name.
    pub name: String,
}

/// Where in a project something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In a zone.
    Zone(String),
    /// In a region.
    Region(String),
    /// Everywhere.
    Global,
}

impl Scope {
    /// `zones/europe-north1-a`, `regions/europe-north1`, `global`.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Zone(zone) => format!("zones/{zone}"),
            Self::Region(region) => format!("regions/{region}"),
            Self::Global => "global".to_owned(),
        }
    }
}

impl At {
    /// In a zone.
    #[must_use]
    pub fn zone(project: &str, zone: &str, name: &str) -> Self {
        Self { project: project.to_owned(), scope: Scope::Zone(zone.to_owned()), name: name.to_owned() }
    }

    /// In a region.
    #[must_use]
    pub fn region(project: &str, region: &str, name: &str) -> Self {
        Self { project: project.to_owned(), scope: Scope::Region(region.to_owned()), name: name.to_owned() }
    }

    /// Everywhere.
    #[must_use]
    pub fn global(project: &str, name: &str) -> Self {
        Self { project: project.to_owned(), scope: Scope::Global, name: name.to_owned() }
    }

    /// Another resource of the same place.
    #[must_use]
    pub fn beside(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// The key of a [`super::Project`]'s map: `ZONE/NAME`, `REGION/NAME` or `NAME`.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.scope {
            Scope::Zone(place) | Scope::Region(place) => format!("{place}/{}", self.name),
            Scope::Global => self.name.clone(),
        }
    }

    /// The zone; empty where it is in none.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        match &self.scope {
            Scope::Zone(zone) => zone,
            Scope::Region(_) | Scope::Global => "",
        }
    }

    /// The region that it is in; empty where it is in none.
    #[must_use]
    pub fn region_name(&self) -> &str {
        match &self.scope {
            Scope::Zone(zone) => region_of(zone),
            Scope::Region(region) => region,
            Scope::Global => "",
        }
    }

    /// `projects/P/zones/Z/disks/NAME`.
    #[must_use]
    pub fn path(&self, collection: &str) -> String {
        format!("projects/{}/{}/{collection}/{}", self.project, self.scope.path(), self.name)
    }

    /// The same as an address.
    #[must_use]
    pub fn link(&self, collection: &str) -> String {
        link(&self.path(collection))
    }
}

/// The address of a path (`projects/…`).
pub fn link(path: &str) -> String {
    format!("{LINKS}{path}")
}

/// The region of a zone.
pub fn region_of(zone: &str) -> &str {
    zone.rsplit_once('-').map_or(zone, |(region, _)| region)
}
