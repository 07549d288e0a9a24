namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>One process that says it is hundreds of nodes, and what kubectl hears of their pods. In a cluster of its own: others' pods must not come here.</summary>
public sealed class SimulatedNodesTests : IAsyncLifetime
{
    private const int Count = 300;

    private readonly Cluster cluster = new();

    [Fact]
    public async Task Hundreds_of_nodes_are_ready_and_their_pods_answer_every_question()
    {
        using var agent = await cluster.SimulateAsync("many", Count, "127.77.0.1");
        try
        {
            await cluster.RunAsync("simulated", $"many-{Count - 1}", "true");
            var name = $"simulated_default({await cluster.OkAsync("get", "pod", "simulated", "-o", "jsonpath={.metadata.uid}")})";
            Assert.Equal($"simulated: container main of pod {name}, attempt 0\n", await cluster.OkAsync("logs", "simulated"));
            foreach (var webSockets in (bool[])[true, false])
            {
                Assert.Equal((0, "simulated: ls -l\n"), await SayAsync(webSockets, "exec", "simulated", "--", "ls", "-l"));
                Assert.Equal((0, "simulated: cat\n"), await SayAsync(webSockets, "exec", "-i", "simulated", "--", "cat"));
                Assert.Equal((0, $"simulated: container main of pod {name}, attempt 0\n"), await SayAsync(webSockets, "attach", "simulated"));
                Assert.Equal($"simulated: port 8080 of pod {name}\n", await new Streams(cluster, webSockets).ForwardAsync("simulated"));
            }
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }
    }

    public async ValueTask InitializeAsync() => await cluster.StartControlPlaneAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private async Task<(int Code, string Output)> SayAsync(bool webSockets, params string[] arguments)
    {
        var (code, output, _) = await Cluster.EndAsync(cluster.StartKubectl(webSockets, arguments), "");
        return (code, output);
    }
}
