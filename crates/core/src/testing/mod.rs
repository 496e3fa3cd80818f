//! Adapters in memory and the suites that every adapter has to pass.
