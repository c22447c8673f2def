//! Who of the staff treats a client, and when. What a clinician may open follows from it.

pub mod ops;
pub mod pages;
pub(crate) mod store;

use jiff::civil::Date;
use kernel::UserId;

pub use ops::colleagues;
pub use store::Colleague;

kernel::words! {
    /// What a member of staff is to a client.
    TeamRole {
        /// Answers for the treatment; one at a time.
        PrimaryClinician = "primary_clinician",
        /// Treats beside the primary clinician.
        CoClinician = "co_clinician",
        /// Prescribes.
        Prescriber = "prescriber",
        /// Supervises the treatment.
        Supervisor = "supervisor",
        /// Manages the case.
        CaseManager = "case_manager",
        /// Leads a group the client is in.
        GroupLeader = "group_leader",
        /// Stands in.
        Covering = "covering",
    }
}

impl TeamRole {
    /// The words on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::PrimaryClinician => "Primary clinician",
            Self::CoClinician => "Co-clinician",
            Self::Prescriber => "Prescriber",
            Self::Supervisor => "Supervisor",
            Self::CaseManager => "Case manager",
            Self::GroupLeader => "Group leader",
            Self::Covering => "Covering",
        }
    }
}

/// An assignment, checked.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: TeamRole,
    /// First day.
    pub from: Date,
    /// Why, where told.
    pub reason: Option<String>,
}
