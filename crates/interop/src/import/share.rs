//! What of a bundle becomes records of one client: problems, visits, findings, allergies, insurance.

use std::collections::{BTreeMap, HashSet};

use clients::ExternalKey;
use clinical::history;
use fhir::Reference;
use fhir::draft::Draft;
use futures_util::try_join;
use identity::Actor;
use identity::audit::{self, Action, Entry, Purpose};
use kernel::{ClientId, TypedId};
use platform::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use super::bring::{Charts, Parsed};
use super::{FileError, shape};

/// Where records of the history say they came from.
const SOURCE: &str = "FHIR import";

/// What one client gets, by places in the bundle.
#[derive(Default)]
pub(super) struct Share {
    conditions: Vec<usize>,
    encounters: Vec<usize>,
    observations: Vec<usize>,
    allergies: Vec<usize>,
    coverages: Vec<usize>,
}

pub(super) fn shares(parsed: &Parsed, charts: &Charts) -> BTreeMap<ClientId, Share> {
    let mut shares: BTreeMap<ClientId, Share> = BTreeMap::new();
    for (index, draft) in parsed.native() {
        let Some(client) = parsed
            .entries
            .get(index)
            .and_then(|entry| charts.of(entry.patient.as_ref()))
        else {
            continue;
        };
        let share = shares.entry(client).or_default();
        match draft {
            Draft::Condition(_) => share.conditions.push(index),
            Draft::Encounter(_) => share.encounters.push(index),
            Draft::Observation(_) => share.observations.push(index),
            Draft::Allergy(_) => share.allergies.push(index),
            Draft::Coverage(_) => share.coverages.push(index),
            Draft::Client(_) | Draft::Provider(_) => {}
        }
    }
    shares
}

impl Share {
    /// The five kinds don't depend on each other, so their statements go out together.
    pub(super) async fn bring(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let (conditions, encounters, observations, allergies, coverages) = try_join!(
            self.bring_conditions(tx, actor, client, parsed),
            self.bring_encounters(tx, actor, client, parsed),
            self.bring_observations(tx, actor, client, parsed),
            self.bring_allergies(tx, actor, client, parsed),
            self.bring_coverages(tx, actor, client, parsed),
        )?;
        Ok(conditions + encounters + observations + allergies + coverages)
    }

    async fn bring_conditions(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let fresh = Fresh::among(tx, "condition", &self.conditions, parsed).await?;
        let rows = fresh.rows(parsed, |draft, id| match draft {
            Draft::Condition(draft) => Some(history::NewCondition {
                id: Some(id),
                ..shape::condition(draft)
            }),
            _ => None,
        });
        if !rows.is_empty() {
            history::add_conditions(tx, client, SOURCE, &rows).await?;
        }
        fresh.note(tx, actor, client).await
    }

    async fn bring_encounters(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let fresh = Fresh::among(tx, "past_encounter", &self.encounters, parsed).await?;
        let providers = parsed.providers();
        let rows = fresh.rows(parsed, |draft, id| match draft {
            Draft::Encounter(draft) => {
                let provider = draft
                    .practitioners
                    .iter()
                    .filter_map(Reference::entry)
                    .find_map(|index| providers.get(&index));
                let name = provider.and_then(|provider| shape::provider_name(provider));
                Some(history::NewEncounter {
                    id: Some(id),
                    ..shape::encounter(draft, name, &actor.zone)
                })
            }
            _ => None,
        });
        if !rows.is_empty() {
            history::add_encounters(tx, client, SOURCE, &rows).await?;
        }
        fresh.note(tx, actor, client).await
    }

    async fn bring_observations(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let fresh = Fresh::among(tx, "observation", &self.observations, parsed).await?;
        let rows = fresh.rows(parsed, |draft, id| match draft {
            Draft::Observation(draft) => Some(history::NewObservation {
                id: Some(id),
                ..shape::observation(draft, &actor.zone)
            }),
            _ => None,
        });
        if !rows.is_empty() {
            history::add_observations(tx, client, SOURCE, &rows).await?;
        }
        fresh.note(tx, actor, client).await
    }

    async fn bring_allergies(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let rows: Vec<_> = self
            .allergies
            .iter()
            .filter_map(|index| match parsed.native_at(*index)? {
                Draft::Allergy(draft) => Some(shape::allergy(parsed.key(*index), draft)),
                _ => None,
            })
            .collect();
        let answers = clients::add_allergies(tx, actor, client, &rows).await?;
        Ok(answers.iter().filter(|answer| answer.created).count())
    }

    async fn bring_coverages(
        &self,
        tx: &Tx,
        actor: &Actor,
        client: ClientId,
        parsed: &Parsed,
    ) -> Result<usize, FileError> {
        let rows: Vec<_> = self
            .coverages
            .iter()
            .filter_map(|index| match parsed.native_at(*index)? {
                Draft::Coverage(draft) => Some(shape::coverage(parsed.key(*index), draft)),
                _ => None,
            })
            .collect();
        let answers = clients::add_coverages(tx, actor, client, &rows).await?;
        Ok(answers.iter().filter(|answer| answer.created).count())
    }
}

/// Entries of the history that are not known yet, each with its new id.
struct Fresh<I> {
    table: &'static str,
    entries: Vec<(usize, ExternalKey, I)>,
}

impl<I: TypedId> Fresh<I> {
    async fn among(tx: &Tx, table: &'static str, places: &[usize], parsed: &Parsed) -> Result<Self, StoreError> {
        let keys: Vec<ExternalKey> = places.iter().map(|index| parsed.key(*index)).collect();
        let known = clients::identify_many(tx, table, &keys).await?;
        let mut seen = HashSet::new();
        let new = places
            .iter()
            .zip(keys)
            .zip(known)
            .filter(|((_, key), known)| known.is_none() && seen.insert(key.clone()));
        Ok(Self {
            table,
            entries: new.map(|((index, key), _)| (*index, key, tx.id())).collect(),
        })
    }

    fn rows<R>(&self, parsed: &Parsed, shape: impl Fn(&Draft, I) -> Option<R>) -> Vec<R> {
        self.entries
            .iter()
            .filter_map(|(index, _, id)| shape(parsed.native_at(*index)?, *id))
            .collect()
    }

    /// Notes the foreign numbers and one audit line for the batch; gives how many there were.
    async fn note(&self, tx: &Tx, actor: &Actor, client: ClientId) -> Result<usize, FileError> {
        if self.entries.is_empty() {
            return Ok(0);
        }
        let names: Vec<(ExternalKey, Uuid)> = self
            .entries
            .iter()
            .map(|(_, key, id)| (key.clone(), id.uuid()))
            .collect();
        let entry = Entry::new(Action::Create, self.table)
            .client(client)
            .purpose(Purpose::Operations);
        let entry = entry.detail(json!({ "by": "import", "created": names.len() }));
        try_join!(
            clients::name_records(tx, self.table, Some(client), &names),
            audit::record(tx, actor, entry)
        )?;
        Ok(names.len())
    }
}
