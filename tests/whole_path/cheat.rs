//! People who cheat, on the real program: no right outlives its end, every limit holds, and those beside them who do
//! nothing wrong succeed with everything.

use loadtest::cheat::{Keeper, Plan, cheat};
use loadtest::media::{Library, default_folder};

use super::Installation;
use super::program::{crypto, set};

#[test]
fn cheaters_gain_nothing_and_keep_honest_people_from_nothing() {
    crypto();
    let installation = Installation::start_with(&[], |data| {
        // Sessions to cheat in are planned for times at which their point is free.
        set(data, "signaling.toml", "[sessions]\nearly_minutes = 1440\n");
    });
    let plan = Plan {
        server: installation.client(),
        keeper: Keeper {
            program: env!("CARGO_BIN_EXE_diemcau").into(),
            data_dir: installation.data.clone(),
            config_dir: installation.data.join("no-settings"),
        },
        clips: Library::open(&default_folder()).expect("test media, made by ffmpeg"),
        quiet_rounds: 1,
        floods: 1,
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let findings = runtime.block_on(cheat(plan)).expect("cheating begins");
    assert_eq!(findings.all(), Vec::<String>::new(), "{findings}");
}
