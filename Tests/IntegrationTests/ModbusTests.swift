import Foundation
import Testing

/// Modbus/TCP, as SCADA systems speak it: small requests, small answers, one at a time.
@Suite(.needsPymodbus) struct ModbusTests {
    @Test func `registers are written and read back`() throws {
        try withTemporaryDirectory { directory in
            let server = try directory.write(Self.server, to: "server.py")
            let client = try directory.write(Self.client, to: "client.py")
            let plant = Endpoint.loopback(try Endpoint.freePort())
            let python = try Python.requirePymodbus()
            try withProcess(python, [server, "\(plant.port)"]) { child in
                try child.waitUntilListening(on: plant)
                try withSluice(to: plant, route: "class: telemetry") { sluice in
                    let output = try succeed(python, [client, "\(sluice.listener().port)"])
                    #expect(output == "500 registers read back\n")
                }
            }
        }
    }

    private static let server = """
        import sys
        from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
        from pymodbus.server import StartTcpServer

        device = ModbusDeviceContext(hr=ModbusSequentialDataBlock(1, [0] * 2000))
        StartTcpServer(ModbusServerContext(devices=device, single=True), address=("127.0.0.1", int(sys.argv[1])))
        """

    private static let client = """
        import sys
        from pymodbus.client import ModbusTcpClient

        with ModbusTcpClient("127.0.0.1", port=int(sys.argv[1])) as client:
            for start in range(0, 500, 10):
                values = [(start + i) * 7 % 65536 for i in range(10)]
                assert not client.write_registers(start, values).isError()
                answer = client.read_holding_registers(start, count=10)
                assert answer.registers == values, (start, answer)
        print("500 registers read back")
        """
}
