//! The permission matrix (IAM, Rules): which role may do what, and how far the right reaches.
//!
//! The table is code so that a change of it is a change that is reviewed; one test walks every cell.

use kernel::{Permission, Role, Scope};

/// How far a role's right to a permission reaches; `None` is no right.
#[must_use]
pub const fn of_role(role: Role, permission: Permission) -> Option<Scope> {
    use Permission as P;
    use Role as R;
    use Scope::{Assigned, Own, Practice, Supervisees};
    match permission {
        P::PracticeRead | P::UserDirectory | P::ApiKeyManage => Some(Practice),
        P::PracticeManage => match role {
            R::Owner | R::Administrator => Some(Practice),
            _ => None,
        },
        P::UserRead => match role {
            R::Owner | R::Administrator | R::ItAdmin | R::Compliance | R::Auditor => Some(Practice),
            _ => Some(Own),
        },
        P::UserManage => match role {
            R::Owner | R::Administrator | R::ItAdmin => Some(Practice),
            _ => None,
        },
        P::AuditRead => match role {
            R::Owner | R::Administrator | R::Compliance | R::Auditor => Some(Practice),
            _ => Some(Own),
        },
        P::OperationsRead => match role {
            R::Owner | R::Administrator | R::ItAdmin => Some(Practice),
            _ => None,
        },
        P::ClientRead => match role {
            R::Owner | R::Administrator | R::FrontDesk | R::Compliance | R::Biller => Some(Practice),
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Assigned),
            R::ItAdmin | R::Auditor => None,
        },
        P::ClientEdit => match role {
            R::Owner | R::Administrator | R::FrontDesk => Some(Practice),
            R::Clinician | R::Supervisor | R::Supervisee | R::Intern => Some(Assigned),
            R::Biller | R::Compliance | R::ItAdmin | R::Auditor => None,
        },
        P::ClientAssign => match role {
            R::Owner | R::Administrator | R::FrontDesk => Some(Practice),
            _ => None,
        },
        P::CoverageRead => match role {
            R::Owner | R::Administrator | R::FrontDesk | R::Compliance | R::Biller => Some(Practice),
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Assigned),
            R::ItAdmin | R::Auditor => None,
        },
        P::ClinicalRead => match role {
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Assigned),
            R::Compliance => Some(Practice),
            R::Owner | R::Administrator | R::FrontDesk | R::Biller | R::ItAdmin | R::Auditor => None,
        },
        P::ClinicalEdit => match role {
            R::Clinician | R::Supervisor | R::Supervisee | R::Intern => Some(Assigned),
            _ => None,
        },
        P::ScheduleRead => match role {
            R::Owner | R::Administrator | R::FrontDesk | R::Biller => Some(Practice),
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Own),
            R::Compliance | R::ItAdmin | R::Auditor => None,
        },
        P::ScheduleManage => match role {
            R::Owner | R::Administrator | R::FrontDesk => Some(Practice),
            R::Clinician | R::Supervisor | R::Supervisee | R::Intern => Some(Own),
            R::Biller | R::Compliance | R::ItAdmin | R::Auditor => None,
        },
        P::ScheduleSettings => match role {
            R::Owner | R::Administrator => Some(Practice),
            _ => None,
        },
        P::NoteStatus => match role {
            R::Administrator | R::FrontDesk | R::Biller | R::Compliance => Some(Practice),
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Assigned),
            R::Owner | R::ItAdmin | R::Auditor => None,
        },
        P::NoteRead => match role {
            R::Compliance => Some(Practice),
            R::Supervisor => Some(Supervisees),
            R::Clinician | R::Supervisee | R::Intern => Some(Assigned),
            R::Owner | R::Administrator | R::FrontDesk | R::Biller | R::ItAdmin | R::Auditor => None,
        },
        P::NoteWrite => match role {
            R::Clinician | R::Supervisor | R::Supervisee | R::Intern => Some(Own),
            _ => None,
        },
        // Supervisee and intern never finalise alone, whatever else they hold (IAM-35); see `of_roles`.
        P::NoteSign => match role {
            R::Clinician | R::Supervisor => Some(Own),
            _ => None,
        },
        P::ImportRun => match role {
            R::Owner | R::Administrator => Some(Practice),
            _ => None,
        },
    }
}

/// The widest right of several roles. The signing limit of supervisee and intern wins over every union, and
/// auditor combines with nothing.
#[must_use]
pub fn of_roles(roles: &[Role], permission: Permission) -> Option<Scope> {
    let limited = roles.contains(&Role::Supervisee) || roles.contains(&Role::Intern);
    if permission == Permission::NoteSign && limited {
        return None;
    }
    roles.iter().filter_map(|role| of_role(*role, permission)).max()
}
