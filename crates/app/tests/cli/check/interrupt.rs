//! A check that is asked to stop removes what it has written.

use std::io::{BufRead, BufReader, Read};

use crate::kit::{Desk, Relay, Store, signal};

#[test]
fn by_ctrl_c_while_an_object_is_put_in_s3() {
    let store = Store::new();
    let desk = store.admit(Desk::new());
    let (relay, gate) = Relay::holding(&store.endpoint, "PUT");
    let to = store.to().replace(&store.endpoint, &relay.url);
    let words: Vec<&str> = ["check"].into_iter().chain(to.split(' ')).collect();
    let mut child = desk.spile(&words).spawn().expect("it starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is open"));
    let mut said = String::new();
    gate.meanwhile(|| {
        signal(child.id(), "INT");
        // It has heard of the signal when it says so, on the second line.
        stderr.read_line(&mut said).expect("it is read");
        stderr.read_line(&mut said).expect("it is read");
    });
    stderr.read_to_string(&mut said).expect("it is read");
    let ran = desk.ran(child.wait_with_output().expect("it ends"));
    assert!(said.starts_with("\ninterrupted: "), "{said}");
    assert_eq!(ran.code, 130, "{ran}");
    let said = super::lines(&ran);
    let has = |line: &str| assert!(said.contains(line), "{said}");
    has("\npassed   put                 an object can be put\n");
    has("\nskipped  get                 interrupted\n");
    has("\npassed   clean up            nothing is left behind\ninterrupted: ");
    assert_eq!(store.fetch(&desk.path("left")), Vec::<String>::new());
}
