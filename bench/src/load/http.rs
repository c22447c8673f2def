//! The client side of HTTP/1.1, as much of it as measuring takes: GET on connections that stay open.
//!
//! By hand, because a complete client would take a good part of the processor that it shares with the server.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sample::Sample;
use crate::BenchError;

/// Not measured: caches fill, statements are prepared, connections are made.
const WARM_UP: Duration = Duration::from_secs(2);
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Where requests go and what they carry.
pub(super) struct Server {
    authority: String,
    headers: String,
}

impl Server {
    /// Reads an address such as `http://127.0.0.1:8080`.
    pub(super) fn new(url: &str, headers: Vec<String>) -> Result<Self, BenchError> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|rest| !rest.is_empty() && !rest.contains('/'));
        let authority =
            authority.ok_or_else(|| BenchError::Refused(format!("{url} is not of the form http://HOST:PORT")))?;
        let authority = if authority.contains(':') {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        if headers
            .iter()
            .any(|header| header.contains(['\r', '\n']) || !header.contains(':'))
        {
            return Err(BenchError::Refused("a header is one line \"Name: value\"".to_owned()));
        }
        Ok(Self {
            authority,
            headers: headers.into_iter().map(|header| header + "\r\n").collect(),
        })
    }

    fn request(&self, path: &str) -> Vec<u8> {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\n{}\r\n",
            self.authority, self.headers
        )
        .into_bytes()
    }
}

/// One answer; its body stays in the connection's buffer until the next.
struct Answer {
    status: u16,
    closes: bool,
}

struct Connection<'server> {
    server: &'server Server,
    stream: TcpStream,
    buffer: Vec<u8>,
    body: Vec<u8>,
}

impl<'server> Connection<'server> {
    async fn open(server: &'server Server) -> Result<Self, BenchError> {
        let failed = || BenchError::io(format!("connecting to {}", server.authority));
        let stream = TcpStream::connect(&server.authority).await.map_err(failed())?;
        stream.set_nodelay(true).map_err(failed())?;
        Ok(Self {
            server,
            stream,
            buffer: Vec::with_capacity(64 * 1024),
            body: Vec::new(),
        })
    }

    async fn get(&mut self, request: &[u8]) -> Result<Answer, BenchError> {
        self.stream
            .write_all(request)
            .await
            .map_err(BenchError::io("sending a request"))?;
        let head = self.read_head().await?;
        self.body.clear();
        match head.length {
            Length::Known(length) => self.take(length).await?,
            Length::Chunks => self.take_chunks().await?,
        }
        if head.closes {
            *self = Self {
                body: std::mem::take(&mut self.body),
                ..Self::open(self.server).await?
            };
        }
        Ok(Answer {
            status: head.status,
            closes: head.closes,
        })
    }

    async fn read_head(&mut self) -> Result<Head, BenchError> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = Head::parse(self.buffer.get(..end).unwrap_or_default())?;
                self.buffer.drain(..end + 4);
                return Ok(head);
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(BenchError::Refused("the server's head has no end".to_owned()));
            }
            self.fill().await?;
        }
    }

    /// Moves the next bytes into the body.
    async fn take(&mut self, length: usize) -> Result<(), BenchError> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        self.body.extend(self.buffer.drain(..length));
        Ok(())
    }

    async fn take_chunks(&mut self) -> Result<(), BenchError> {
        loop {
            let line = self.take_line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| BenchError::Refused("the server sent a chunk without a size".to_owned()))?;
            if size == 0 {
                while !self.take_line().await?.is_empty() {}
                return Ok(());
            }
            self.take(size).await?;
            self.take_line().await?;
        }
    }

    async fn take_line(&mut self) -> Result<String, BenchError> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
                self.buffer.drain(..end + 2);
                return Ok(line);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), BenchError> {
        let read = self
            .stream
            .read_buf(&mut self.buffer)
            .await
            .map_err(BenchError::io("reading an answer"))?;
        if read == 0 {
            return Err(BenchError::Refused(
                "the server closed the connection in mid-answer".to_owned(),
            ));
        }
        Ok(())
    }
}

enum Length {
    Known(usize),
    Chunks,
}

struct Head {
    status: u16,
    length: Length,
    closes: bool,
}

impl Head {
    fn parse(head: &[u8]) -> Result<Self, BenchError> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| BenchError::Refused("the server does not speak HTTP".to_owned()))?;
        let (mut length, mut closes) = (Length::Known(0), false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    let known = value
                        .parse()
                        .map_err(|_| BenchError::Refused("a length is no number".to_owned()))?;
                    length = Length::Known(known);
                }
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => length = Length::Chunks,
                "connection" => closes = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        Ok(Self { status, length, closes })
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Asks each path once. Numbers about refusals would be worthless, so the first one ends the run.
pub(super) async fn rehearse(server: &Server, paths: &[String]) -> Result<(), BenchError> {
    let mut connection = Connection::open(server).await?;
    for path in paths {
        let answer = connection.get(&server.request(path)).await?;
        if answer.status != 200 {
            let body: String = String::from_utf8_lossy(&connection.body).chars().take(300).collect();
            return Err(BenchError::Refused(format!(
                "GET {path} was answered {}: {body}",
                answer.status
            )));
        }
    }
    Ok(())
}

/// Asks on so many connections for so long.
pub(super) async fn measure(
    server: &Server,
    paths: &[String],
    connections: u16,
    time: Duration,
) -> Result<Sample, BenchError> {
    let requests: Vec<Vec<u8>> = paths.iter().map(|path| server.request(path)).collect();
    let from = Instant::now() + WARM_UP;
    let loops = (0..usize::from(connections)).map(|number| ask(server, &requests, number, from, from + time));
    let mut whole = Sample::new(time)?;
    for seen in futures_util::future::try_join_all(loops).await? {
        whole.add(&seen)?;
    }
    Ok(whole)
}

/// One connection's closed loop. Answers that came within the time count.
async fn ask(
    server: &Server,
    requests: &[Vec<u8>],
    number: usize,
    from: Instant,
    until: Instant,
) -> Result<Sample, BenchError> {
    let mut seen = Sample::new(until.duration_since(from))?;
    let mut connection = Connection::open(server).await?;
    // Each connection starts elsewhere, or all would ask for the same day at the same time.
    for request in requests.iter().cycle().skip(number * 7) {
        let sent = Instant::now();
        let answer = connection.get(request).await?;
        let answered = Instant::now();
        if answered >= until {
            break;
        }
        if sent < from {
            continue;
        }
        if answer.status == 200 && !answer.closes {
            seen.record(u64::try_from(answered.duration_since(sent).as_micros()).unwrap_or(u64::MAX));
        } else {
            seen.errors += 1;
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::{Connection, Server, measure, rehearse};
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that gives the same answer in pieces to everything it is asked.
    async fn stand_in(answer: &'static [u8]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                        for piece in answer.chunks(7) {
                            if stream.write_all(piece).await.is_err() {
                                return;
                            }
                            tokio::task::yield_now().await;
                        }
                    }
                });
            }
        });
        Server::new(&format!("http://{address}"), Vec::new()).expect("an address")
    }

    async fn check(answer: &'static [u8], status: u16, body: &str) {
        let server = stand_in(answer).await;
        let mut connection = Connection::open(&server).await.expect("connects");
        for _ in 0..3 {
            let got = connection.get(&server.request("/")).await.expect("an answer");
            assert_eq!((got.status, connection.body.as_slice()), (status, body.as_bytes()));
        }
    }

    #[tokio::test]
    async fn answers_are_read_whole() {
        check(
            b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there",
            200,
            "hello there",
        )
        .await;
        check(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6;x=y\r\nhello \r\n5\r\nthere\r\n0\r\n\r\n",
            200,
            "hello there",
        )
        .await;
        check(b"HTTP/1.1 204 No Content\r\n\r\n", 204, "").await;
    }

    #[tokio::test]
    async fn a_refusal_ends_the_rehearsal() {
        let server = stand_in(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno").await;
        let error = rehearse(&server, &["/a".to_owned()]).await.expect_err("refused");
        assert!(error.to_string().contains("401: no"), "{error}");
    }

    #[tokio::test]
    async fn what_is_counted_is_what_was_answered() {
        let server = stand_in(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        let seen = measure(&server, &["/a".to_owned()], 2, Duration::from_millis(300))
            .await
            .expect("measured");
        assert!(seen.errors == 0 && seen.per_second() > 10.0 && seen.millisecond_at(0.99) > 0.0);
    }
}
