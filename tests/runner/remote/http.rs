//! A request that is made from another machine.

use runbook::model::work::{End, Rendered, Task};

use super::sshd::Machine;
use crate::runner::http::{Server, http as request};

#[tokio::test]
async fn a_request_goes_by_the_other_machine() {
    let mut machine = Machine::start();
    let mut bench = machine.bench();
    let server = Server::start(|path| match path {
        "/away" => "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n".to_owned(),
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere".to_owned(),
    })
    .await;
    let mut work = Machine::there(request("GET", &server.url("/away")));
    if let Task::Http { follow, .. } = &mut work.task {
        *follow = true;
    }
    let done = bench.run(work).await;
    assert!(matches!(done.end, End::Responded { status: 200, .. }), "{:?}", done.end);
    assert_eq!(done.stdout.as_deref(), Some("there"));
    assert!(server.seen()[0].contains(&format!("host: 127.0.0.1:{}", server.port)), "{:?}", server.seen());
    // Nobody there: nothing was asked, whatever the method.
    let mut nobody = Machine::there(request("GET", "http://127.0.0.1:1/"));
    if let Task::Http { method, body, .. } = &mut nobody.task {
        "POST".clone_into(method);
        *body = Some(Rendered::text("x"));
    }
    let done = bench.run(nobody).await;
    let End::Unreachable { why, may_have_run: false } = done.end else { panic!("{:?}", done.end) };
    assert!(why.contains("Connection refused"), "{why}");
    let seen = server.seen().len();
    machine.unplug();
    let done = bench.run(Machine::there(request("GET", &server.url("/")))).await;
    assert!(matches!(done.end, End::Unreachable { may_have_run: false, .. }), "{:?}", done.end);
    assert_eq!(server.seen().len(), seen, "it did not go from here");
}
