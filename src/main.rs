//! `diemcau`: the one program of Điểm Cầu.
mod catalogue;
mod data_folder;
mod doctor;
mod settings;

fn main() {}
