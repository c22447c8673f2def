//! What one measurement saw.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::BenchError;

/// Latencies above a minute count as a minute.
const MICROSECONDS_MAX: u64 = 60_000_000;

/// Latencies and failures over a time.
pub(super) struct Sample {
    latencies: Histogram<u64>,
    /// Answers that were no success.
    pub(super) errors: u64,
    /// How long was measured.
    pub(super) time: Duration,
}

impl Sample {
    /// Nothing seen yet.
    pub(super) fn new(time: Duration) -> Result<Self, BenchError> {
        let latencies = Histogram::new_with_bounds(1, MICROSECONDS_MAX, 3)
            .map_err(|error| BenchError::Refused(format!("latencies cannot be recorded: {error}")))?;
        Ok(Self {
            latencies,
            errors: 0,
            time,
        })
    }

    pub(super) fn record(&mut self, microseconds: u64) {
        self.latencies
            .saturating_record(microseconds.clamp(1, MICROSECONDS_MAX));
    }

    /// Joins what another connection saw in the same time.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), BenchError> {
        self.errors += other.errors;
        self.latencies
            .add(&other.latencies)
            .map_err(|error| BenchError::Refused(error.to_string()))
    }

    /// Successes per second.
    pub(super) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }

    pub(super) fn millisecond_at(&self, quantile: f64) -> f64 {
        self.latencies.value_at_quantile(quantile) as f64 / 1000.0
    }
}
