//! The library as a host calls it.
