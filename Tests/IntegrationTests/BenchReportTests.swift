import Foundation
import Testing

/// The report in a browser: it must load without a complaint, and fit where it is read.
@Suite struct BenchReportTests {
    @Test(.needs(.chromium)) func `the report opens without an error, on a screen and on a phone`() throws {
        try withTemporaryDirectory { directory in
            let report = directory.appendingPathComponent("report.html").path
            try withBenchServer { server, _ in
                let result = try benchClient(
                    server,
                    "--mode",
                    "mixed",
                    "-t",
                    "0.9",
                    "-i",
                    "0.2",
                    "--report",
                    report
                )
                #expect(result.status == 0, "\(result.errors)")
            }
            let (page, complaints) = try Browser(directory).open(report)
            #expect(page.contains("<svg"))
            #expect(page.contains("Distribution: response"))
            #expect(complaints.isEmpty, "\(complaints)")
            for width in [390, 1200] {
                #expect(try Browser(directory).overflow(of: "report.html", at: width) == 0)
            }
            #expect(try Browser(directory).pictureBytes(of: report) > 10_000)
        }
    }

    /// Without this, the test above could not fail.
    @Test(.needs(.chromium)) func `a complaint of the browser would be seen`() throws {
        try withTemporaryDirectory { directory in
            let page = try directory.write("<script>console.error('broken')</script>", to: "broken.html")
            #expect(try !Browser(directory).open(page).complaints.isEmpty)
        }
    }
}
