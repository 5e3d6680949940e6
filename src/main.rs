//! `diemcau`: the one program of Điểm Cầu.
mod catalogue;
mod cli;
mod data_folder;
mod doctor;
mod node_link;
mod settings;

fn main() {}
