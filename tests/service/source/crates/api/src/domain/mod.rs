pub mod answer;
pub mod retrospect;
