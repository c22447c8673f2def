//! SQL of reading the audit log.
