/// Guesses what a connection is for from the origin's port.
public enum ClassGuess {
    /// The class of the service that usually listens on `port`; `.network` for a port that says nothing.
    public static func fromPort(_ port: UInt16) -> FlowClass {
        switch port {
        // Ollama. llama.cpp and vLLM share 8080 and 8000 with every web server: those say nothing.
        case 11434: .llm
        // SQL Server; Oracle (plain, TLS); MySQL (classic, X); PostgreSQL, PgBouncer; Cassandra (plain, TLS);
        // MongoDB (server, shard, config server); CockroachDB; Firebird; CouchDB; Neo4j.
        case 1433, 1521, 2484, 3306, 33060, 5432, 6432, 9042, 9142, 27017, 27018, 27019, 26257, 3050, 5984,
            7687:
            .database
        // Redis (plain, TLS by convention, Sentinel); memcached.
        case 6379, 6380, 26379, 11211: .cache
        // Modbus (plain, TLS); S7 over ISO-on-TCP; OPC UA (plain, TLS); DNP3 (plain, TLS); IEC 60870-5-104
        // (plain, TLS); EtherNet/IP; MQTT (plain, TLS); Beckhoff ADS; Omron FINS; Mitsubishi MELSEC.
        case 502, 802, 102, 4840, 4843, 20000, 19999, 2404, 19998, 44818, 1883, 8883, 48898, 9600, 5007:
            .telemetry
        default: .network
        }
    }
}
