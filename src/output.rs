//! The one place that writes files: targets proved writable first, atomic, synced, never over an earlier one.
