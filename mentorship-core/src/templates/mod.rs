//! The templates that come with the library.
