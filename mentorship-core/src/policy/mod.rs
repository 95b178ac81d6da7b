//! Pure tables: who may do and see what.
