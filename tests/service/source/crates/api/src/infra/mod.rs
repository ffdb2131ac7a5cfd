pub mod ai;
pub mod cache;
pub mod db;
