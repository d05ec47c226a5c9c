import Foundation

/// Runs an nginx that serves the files of a directory.
func withNginx(serving root: URL, _ body: (Endpoint) throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let endpoint = Endpoint.loopback(try Endpoint.freePort())
        let configuration = try directory.write(
            """
            daemon off;
            pid \(directory.path)/nginx.pid;
            error_log stderr;
            \(geteuid() == 0 ? "user root;" : "")
            worker_processes 1;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path \(directory.path)/body;
                proxy_temp_path \(directory.path)/proxy;
                fastcgi_temp_path \(directory.path)/fastcgi;
                uwsgi_temp_path \(directory.path)/uwsgi;
                scgi_temp_path \(directory.path)/scgi;
                server { listen \(endpoint) backlog=4096; root \(root.path); }
            }
            """,
            to: "nginx.conf"
        )
        try withProcess(Tool.nginx.require(), ["-c", configuration, "-p", directory.path, "-e", "stderr"]) {
            child in
            try child.waitUntilListening(on: endpoint)
            try body(endpoint)
        }
    }
}
