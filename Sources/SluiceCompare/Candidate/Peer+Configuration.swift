import Glibc

extension Peer {
    /// The configuration file for these routes. `directory` is where nginx keeps its process id.
    func configuration(for routes: [ProxyRoute], in directory: String) -> String {
        switch self {
        case .haproxy: Self.haproxy(routes)
        case .nginx: Self.nginx(routes, directory, module: Self.streamModule)
        case .envoy: Self.envoy(routes)
        }
    }

    private static func haproxy(_ routes: [ProxyRoute]) -> String {
        """
        global
            nbthread 1
            maxconn 8192

        defaults
            mode tcp
            timeout connect 5s
            timeout client 1h
            timeout server 1h

        \(routes.map(haproxyListen).joined())
        """
    }

    private static func haproxyListen(_ route: ProxyRoute) -> String {
        """
        listen \(route.name)
            bind 0.0.0.0:\(route.listenPort) backlog 4096
            server origin \(route.originHost):\(route.originPort)

        """
    }

    /// Debian builds the stream proxy as a module.
    private static var streamModule: String? {
        let path = "/usr/lib/nginx/modules/ngx_stream_module.so"
        return access(path, R_OK) == 0 ? path : nil
    }

    private static func nginx(_ routes: [ProxyRoute], _ directory: String, module: String?) -> String {
        """
        \(module.map { "load_module \($0);" } ?? "")
        daemon off;
        pid \(directory)/nginx.pid;
        error_log stderr warn;
        worker_processes 1;
        worker_rlimit_nofile 16500;

        events {
            worker_connections 16384;
        }

        stream {
            access_log off;
            proxy_connect_timeout 5s;
            proxy_timeout 1h;
        \(routes.map(nginxServer).joined())
        }

        """
    }

    private static func nginxServer(_ route: ProxyRoute) -> String {
        """
            server {
                listen 0.0.0.0:\(route.listenPort) backlog=4096;
                proxy_pass \(route.originHost):\(route.originPort);
            }

        """
    }

    private static func envoy(_ routes: [ProxyRoute]) -> String {
        """
        static_resources:
          listeners:
        \(routes.map(envoyListener).joined())
          clusters:
        \(routes.map(envoyCluster).joined())
        layered_runtime:
          layers:
            - name: static
              static_layer:
                overload: {global_downstream_max_connections: 8192}

        """
    }

    private static func envoyListener(_ route: ProxyRoute) -> String {
        """
            - name: \(route.name)
              address:
                socket_address: {address: 0.0.0.0, port_value: \(route.listenPort)}
              tcp_backlog_size: 4096
              filter_chains:
                - filters:
                    - name: envoy.filters.network.tcp_proxy
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                        stat_prefix: \(route.name)
                        cluster: \(route.name)-origin
                        idle_timeout: 3600s

        """
    }

    private static func envoyCluster(_ route: ProxyRoute) -> String {
        """
            - name: \(route.name)-origin
              type: STATIC
              connect_timeout: 5s
              circuit_breakers:
                thresholds:
                  - {max_connections: 8192, max_pending_requests: 8192}
              load_assignment:
                cluster_name: \(route.name)-origin
                endpoints:
                  - lb_endpoints:
                      - endpoint:
                          address:
                            socket_address: {address: \(route.originHost), port_value: \(route.originPort)}

        """
    }
}
