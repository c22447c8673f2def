//! A practice with a clinician, a front desk and clients: where every test begins. The clock stands at Mon 2 Mar 2026 09:00 New York.

use identity::Actor;
use jiff::Timestamp;
use kernel::{AppointmentTypeId, ClientId, Role, UserId};
use platform::Tx;
use scheduling::{Appointment, BookError, NewAppointment, Start};
use testkit::TestDb;

pub struct Desk {
    pub test: TestDb,
    pub front: Actor,
    pub clinician: Actor,
    pub kind: AppointmentTypeId,
}

impl Desk {
    pub async fn open() -> Self {
        let test = TestDb::new().await;
        let (owner, front, clinician) = (
            test.actor(Role::Owner).await,
            test.actor(Role::FrontDesk).await,
            test.actor(Role::Clinician).await,
        );
        let tx = test.db.begin(test.practice).await.unwrap();
        scheduling::seed_default_types(&tx, &owner).await.unwrap();
        let kinds = scheduling::appointment_types(&tx, &owner).await.unwrap();
        tx.commit().await.unwrap();
        let kind = kinds.iter().find(|kind| kind.name == "Individual therapy").unwrap().id;
        Self {
            test,
            front,
            clinician,
            kind,
        }
    }

    pub fn clinician_id(&self) -> UserId {
        self.clinician.user.unwrap()
    }

    /// Registers a client; `assigned` puts them on the clinician's caseload.
    pub async fn client(&self, given: &str, assigned: bool) -> ClientId {
        let (id, practice, now): (ClientId, _, _) = (self.test.clock.id(), self.test.practice, self.test.clock.now());
        self.test
            .superuser_sql(&format!(
                "insert into client (practice_id, id, mrn, family, given, status, created_at, updated_at)
                 values ('{practice}', '{id}', '{id}', 'Example', '{given}', 'active', '{now}', '{now}')"
            ))
            .await;
        if assigned {
            let user = self.clinician_id();
            self.test
                .superuser_sql(&format!(
                    "insert into assignment (practice_id, id, client_id, user_id, role, valid_from, created_at)
                     values ('{practice}', gen_random_uuid(), '{id}', '{user}', 'primary_clinician', '2026-01-01', '{now}')"
                ))
                .await;
        }
        id
    }

    pub fn wish(&self, client: ClientId, starts_at: &str) -> NewAppointment {
        NewAppointment {
            client,
            clinician: self.clinician_id(),
            kind: self.kind,
            start: Start::Instant(at(starts_at)),
            minutes: None,
            modality: None,
            location: None,
            reason: Some("Worries".to_owned()),
            override_reason: None,
        }
    }

    pub async fn tx(&self) -> Tx {
        self.test.db.begin(self.test.practice).await.unwrap()
    }

    pub async fn book(&self, actor: &Actor, new: &NewAppointment) -> Result<Appointment, BookError> {
        let tx = self.tx().await;
        let visit = scheduling::book(&tx, actor, new).await?;
        tx.commit().await.unwrap();
        Ok(visit)
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.test.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
