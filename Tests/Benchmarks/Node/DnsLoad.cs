using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>Asks the cluster's DNS from the node, as its pods do: first as fast as it answers, then one question at a time.</summary>
internal static class DnsLoad
{
    private const int Outstanding = 64;
    private const int Timed = 20_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);
    private static readonly IPEndPoint Server = new(IPAddress.Parse("10.96.0.10"), 53);

    // One that is there and one that the search path makes of a name outside.
    private static readonly byte[][] Questions = [Question("kubernetes.default.svc.cluster.local"), Question("example.com.default.svc.cluster.local")];

    public static async Task MeasureAsync(SandboxedCluster cluster, CancellationToken cancellationToken)
    {
        var agent = (await cluster.EnsureNodeAsync(0)).Agent.Pid;
        cancellationToken.ThrowIfCancellationRequested();
        var place = cluster.NetworkNamespaceOf(0);
        var latencies = await NetworkNamespace.RunAsync(place, AskOneByOne);
        var before = ProcessWeight.CpuTime(agent);
        var answers = await NetworkNamespace.RunAsync(place, AskManyAtOnce);
        var cpu = ProcessWeight.CpuTime(agent) - before;
        new Figure("DNS answers, asker on the same cores", Math.Round(answers / Duration.TotalSeconds), "/s", 1, "64 outstanding").Print();
        new Figure("DNS answers by one core of the server", Math.Round(answers / cpu.TotalSeconds), "/s", 1, "64 outstanding; the agent's CPU time").Print();
        new Figure("DNS answer, p50", Math.Round(latencies.Median, 3), "ms", latencies.Count, "one at a time").Print();
        new Figure("DNS answer, p99", Math.Round(latencies.Percentile(99), 3), "ms", latencies.Count, "one at a time").Print();
    }

    private static Samples AskOneByOne()
    {
        using var socket = Connect();
        var answer = new byte[512];
        var samples = new Samples();
        for (var index = 0; index < Timed; index++)
        {
            var started = Stopwatch.GetTimestamp();
            socket.Send(Questions[index % Questions.Length]);
            socket.Receive(answer);
            samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return samples;
    }

    private static int AskManyAtOnce()
    {
        using var socket = Connect();
        var answer = new byte[512];
        for (var index = 0; index < Outstanding; index++) { socket.Send(Questions[index % Questions.Length]); }
        var (answers, started) = (0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(started) < Duration)
        {
            socket.Receive(answer);
            socket.Send(Questions[++answers % Questions.Length]);
        }

        return answers;
    }

    private static Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Connect(Server);
        return socket;
    }

    private static byte[] Question(string name)
    {
        var message = new List<byte> { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(System.Text.Encoding.ASCII.GetBytes(label));
        }

        Span<byte> type = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(type, 1);
        return [.. message, 0, .. type, .. type];
    }
}
