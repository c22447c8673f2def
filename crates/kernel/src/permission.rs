//! Roles, permissions and scopes: the vocabulary of rights. Which role has which right stands in `identity`.

crate::words! {
    /// Built-in roles of staff (IAM, Records). Roles combine by union.
    Role {
        /// Answers for the practice; may do everything but read notes.
        Owner = "owner",
        /// Runs the practice day to day.
        Administrator = "administrator",
        /// Treats clients.
        Clinician = "clinician",
        /// Answers for supervisees' work.
        Supervisor = "supervisor",
        /// Treats under supervision; signs only for co-signature.
        Supervisee = "supervisee",
        /// As a supervisee, in training.
        Intern = "intern",
        /// Claims and payments.
        Biller = "biller",
        /// Registers, books, greets.
        FrontDesk = "front_desk",
        /// Watches over privacy and records.
        Compliance = "compliance",
        /// Accounts and technical settings; sees no client.
        ItAdmin = "it_admin",
        /// Reads what was granted, for a time.
        Auditor = "auditor",
    }
}

impl Role {
    /// The role's name on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::Clinician => "Clinician",
            Self::Supervisor => "Supervisor",
            Self::Supervisee => "Supervisee",
            Self::Intern => "Intern",
            Self::Biller => "Biller",
            Self::FrontDesk => "Front desk",
            Self::Compliance => "Compliance",
            Self::ItAdmin => "IT administrator",
            Self::Auditor => "Auditor",
        }
    }
}

crate::words! {
    /// The exact things that can be done. Code asks for one of these; roles map to them in `identity`.
    Permission {
        /// See the practice's own details and locations.
        PracticeRead = "practice.read",
        /// Change the practice's details and locations.
        PracticeManage = "practice.manage",
        /// See colleagues' names and roles.
        UserDirectory = "user.directory",
        /// See accounts whole: state, factors, last sign-in.
        UserRead = "user.read",
        /// Create, change, suspend and reactivate accounts.
        UserManage = "user.manage",
        /// Make and revoke one's own API keys.
        ApiKeyManage = "api_key.manage",
        /// Search and verify the audit log of the practice.
        AuditRead = "audit.read",
        /// See mail that left or waits, and failed jobs.
        OperationsRead = "operations.read",
        /// Find clients and see name, contact data and demographics.
        ClientRead = "client.read",
        /// Register clients and change demographics and contacts.
        ClientEdit = "client.edit",
        /// Decide who treats a client.
        ClientAssign = "client.assign",
        /// See allergies, problems, findings and past encounters.
        ClinicalRead = "clinical.read",
        /// Change problems and allergies.
        ClinicalEdit = "clinical.edit",
        /// See insurance coverage.
        CoverageRead = "coverage.read",
        /// See the schedule.
        ScheduleRead = "schedule.read",
        /// Book, move, cancel and check in.
        ScheduleManage = "schedule.manage",
        /// Change appointment types and working hours.
        ScheduleSettings = "schedule.settings",
        /// See that a note exists or is missing, nothing in it.
        NoteStatus = "note.status",
        /// Read notes.
        NoteRead = "note.read",
        /// Write one's own notes.
        NoteWrite = "note.write",
        /// Sign one's own notes as final.
        NoteSign = "note.sign",
        /// Bring records in from other systems.
        ImportRun = "import.run",
    }
}

crate::words! {
    /// How far a right reaches, narrowest first; roles combine to the widest.
    Scope {
        /// What is one's own.
        Own = "own",
        /// Clients one is assigned to (care team).
        Assigned = "assigned",
        /// Also clients of one's supervisees.
        Supervisees = "supervisees",
        /// Everything of one's location.
        Location = "location",
        /// Everything of the practice.
        Practice = "practice",
    }
}
