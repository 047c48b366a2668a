import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing
import Timing
@testable import Status

/// The page as a browser shows it.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "needs Debian's chromium"), .limited(minutes: 5))
struct PageTests {
    /// A host in every state, and one name as long as names may be.
    private static func board(now: Timestamp = SystemClock().now) throws -> StatusHub {
        let board = Sample.board()
        board.connect()
        let long = (1...3).map { _ in String(repeating: "long", count: 15) }.joined(separator: ".") + ".example.org"
        board.play(
            Sample.report(
                [
                    try Sample.host(
                        "failed.example.org",
                        .failed("the zone's provider does not answer"),
                        current: nil
                    ),
                    try Sample.host("new.example.org", .changed("created A 198.51.100.7")),
                    try Sample.host("old.example.org"), try Sample.host(long, by: "a_service_with-a-long-name"),
                    try Sample.host("over.example.org"),
                ],
                [
                    try Sample.certificate("new.example.org", nil, .changed("issued"), days: 88, after: now),
                    try Sample.certificate("old.example.org", days: 11, after: now),
                    try Sample.certificate("over.example.org", days: -3, after: now),
                    try Sample.certificate(long, days: 60, after: now),
                ],
                signals: [Sample.signal("new.example.org")],
                refusals: [
                    Refusal(
                        origin: Sample.origin("mail"),
                        label: "landfall.host",
                        value: "me@example.org",
                        reason: "an e-mail address is not a host name"
                    )
                ]
            )
        )
        return board
    }

    @Test(arguments: [Viewport.desktop, .phone, .desktop.inTheDark, .phone.inTheDark])
    func `everything is on the page as text, and within its edges`(viewport: Viewport) async throws {
        try await Gallery.open(try Self.board()) { gallery in
            let page = try await gallery.page(viewport)
            #expect(try await page.overflow == "")
            #expect(page.complaints == [])
            let row = "[...document.querySelectorAll('#hosts tr')]"
            #expect(try await page.number("\(row).length") == 5)
            func text(_ host: String) async throws -> String {
                try await page.text("\(row).find(row => row.textContent.startsWith('\(host)')).innerText")
            }
            for (host, words) in [
                ("failed", ["the zone's provider does not answer", "service web"]),
                ("new", ["created A 198.51.100.7", "(88 days)", "SIGHUP → proxy.1"]),
                ("old", ["A 198.51.100.7", "(11 days)"]), ("over", ["expired on"]),
            ] {
                let shown = try await text("\(host).example.org")
                for words in words { #expect(shown.contains(words), "\(host): \(shown)") }
            }
            let whole = try await page.text("document.body.innerText")
            for words in [
                "Needs attention", "connected since", "Swarm manager of cluster k1", "61 of 1200 requests",
                "40 of 50 certificates for example.org",
                "198.51.100.7", "by one.example and two.example", "me@example.org",
                "an e-mail address is not a host name",
                "late.example.org: failed 3 times", "certificate 1.1 s", "discover 12 ms", "service update web",
            ] {
                #expect(whole.contains(words), "\(words)")
            }
            try await look(at: page, gallery, viewport)
        }
    }

    /// What the words say must be seen as well.
    private func look(at page: BrowserPage, _ gallery: Gallery, _ viewport: Viewport) async throws {
        let picture = try await gallery.picture(of: page)
        #expect(picture.width == viewport.width)
        #expect(picture.height >= viewport.height)
        #expect(try await picture.colour(x: 1, y: 1) == (viewport.isDark ? "#0d1117" : "#f6f8fa"))
        for (host, colour) in [
            ("new", viewport.isDark ? "#3fb950" : "#1a7f37"), ("old", viewport.isDark ? "#d29922" : "#9a6700"),
        ] {
            let index = try await page.number(
                "[...document.querySelectorAll('#hosts tr')].findIndex(row => row.textContent.startsWith('\(host).'))"
            )
            let bar = try await page.area(of: "#hosts tr:nth-child(\(Int(index) + 1)) .bar")
            #expect(try await picture.colour(x: bar.x + 4, y: bar.y + bar.height / 2) == colour)
        }
        for selector in ["h1", "#verdict", "#tiles", "#hosts tr:first-child td:first-child", "#runs li"] {
            let ink = try await picture.inked(try await page.area(of: selector))
            #expect(ink > 0.01, "\(selector) is blank")
        }
    }

    @Test func `a run is shown while it is in progress, and then among the last ones, without a reload`() async throws {
        try await Gallery.open { gallery in
            let board = gallery.board
            board.play(try Sample.report(hosts: 2))
            let page = try await gallery.page()
            #expect(try await page.holds("document.querySelector('#live').hidden"))
            #expect(try await page.number("document.querySelectorAll('#runs > li').length") == 1)
            board.began(RunCause(Trigger(.event, "service create", subject: "shop")), at: .zero)
            board.progressed(Progress(.certificate, "shop.example.org", .step("certbot is at work")))
            try await page.eventually("document.querySelector('#live-why').textContent === 'service create shop'")
            try await page.eventually("!document.querySelector('#live').hidden")
            try await page.eventually("document.querySelector('#steps').innerText.includes('certbot is at work')")
            board.progressed(Progress(.certificate, "shop.example.org", .ended(.changed("issued"))))
            try await page.eventually("document.querySelector('#steps').innerText.includes('✓')")
            #expect(try await page.number("document.querySelectorAll('#steps li').length") == 1)
            board.ended(try Sample.report(hosts: 3), at: .zero)
            try await gallery.catchUp(page)
            #expect(try await page.holds("document.querySelector('#live').hidden"))
            #expect(try await page.number("document.querySelectorAll('#runs > li').length") == 2)
            #expect(try await page.number("document.querySelectorAll('#hosts tr').length") == 3)
            #expect(page.complaints == [])
        }
    }

    @Test func `the timeline shows how long each stage took, of fifty runs`() async throws {
        try await Gallery.open { gallery in
            for number in 1...55 { gallery.board.play(Sample.report(after: number)) }
            let page = try await gallery.page(.phone)
            #expect(try await page.number("document.querySelectorAll('#runs > li').length") == 50)
            // The certificate took 1.1 s of 1.2.
            let lane = try await page.area(of: "#runs .lanes")
            let part = try await page.area(of: "#runs .lanes > i.certificate")
            #expect(abs(part.width / lane.width - 1.1 / 1.2) < 0.02)
            #expect(try await page.overflow == "")
        }
    }

    @Test func `five hundred hosts are shown, searched and narrowed at once`() async throws {
        try await Gallery.open { gallery in
            gallery.board.connect()
            gallery.board.play(try Sample.report(hosts: 500))
            for viewport in [Viewport.desktop, .phone] {
                let page = try await gallery.page(viewport)
                #expect(try await page.number("document.querySelectorAll('#hosts tr').length") == 500)
                #expect(try await page.overflow == "")
                // What is typed has its effect before the next thing happens: there is nothing to wait for.
                let shown = try await page.text(
                    """
                    (() => {
                        const field = document.querySelector("#filter");
                        return ["host-417.", "", "host-417."].map(text => {
                            field.value = text;
                            field.dispatchEvent(new Event("input"));
                            return document.querySelectorAll("#hosts tr:not([hidden])").length;
                        }).join(" ");
                    })()
                    """
                )
                #expect(shown == "1 500 1")
                #expect(try await page.text("document.querySelector('#host-count').textContent") == "1 of 500")
                try await page.go(to: "about:blank")
            }
        }
    }

    @Test func `labels that are markup are text`() async throws {
        let markup = #"<script>document.title="taken"</script><img src=x onerror='document.title="taken"'>"#
        try await Gallery.open { gallery in
            let origin = Origin(kind: .service, id: "1", name: markup)
            let refusal = Refusal(origin: origin, label: markup, value: markup, reason: "it is no name: \(markup)")
            let host = HostReport(
                name: try Sample.name("a.example.org"),
                origins: [origin],
                record: RecordState(outcome: .failed(markup), current: nil)
            )
            gallery.board.began(RunCause(Trigger(.event, markup)), at: .zero)
            gallery.board.progressed(Progress(.record, markup, .step(markup)))
            let page = try await gallery.page()
            try await page.eventually("document.querySelector('#steps').textContent.includes('<script>')")
            gallery.board.ended(
                Sample.report([host], refusals: [refusal], problems: [Report.Problem(stage: markup, text: markup)]),
                at: .zero
            )
            try await gallery.catchUp(page)
            for selector in ["#hosts", "#note-list", "#runs"] {
                #expect(try await page.text("document.querySelector('\(selector)').textContent").contains("<script>"))
            }
            #expect(try await page.text("document.title") == "✗ Landfall")
            #expect(try await page.number("document.querySelectorAll('script').length") == 1)
            #expect(try await page.number("document.querySelectorAll('img').length") == 0)
            #expect(page.complaints == [])
        }
    }

    @Test func `a page that lost its daemon shows this, and continues when it is back`() async throws {
        let board = Sample.board()
        board.play(try Sample.report(hosts: 1))
        let first = try HTTPServer(serving: board)
        let port = first.port
        try await Browser.open { browser in
            let page = try await browser.page()
            try await page.go(to: "http://127.0.0.1:\(port)/")
            try await page.eventually("document.querySelectorAll('#hosts tr').length === 1")
            #expect(try await page.holds("document.querySelector('#offline').hidden"))
            first.stop()
            try await page.eventually("!document.querySelector('#offline').hidden")
            board.play(try Sample.report(hosts: 2))
            let second = try HTTPServer(serving: board, at: .tcp(address: "127.0.0.1", port: port))
            defer { second.stop() }
            try await page.eventually("document.querySelectorAll('#hosts tr').length === 2")
            try await page.eventually("document.querySelector('#offline').hidden")
        }
    }
}
