using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>Real packets through real nftables.</summary>
public sealed class ServiceProxyTests : IAsyncLifetime
{
    private const string ClusterIp = "10.96.4.2";

    private readonly FakeApi api = new();
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private NodeStage stage = null!;
    private ServiceProxy proxy = null!;
    private Task running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        stage = await NodeStage.BuildAsync();
        await Eventually.TrueAsync(async () => await stage.GetAsync("node", "10.244.0.5:8080") is not null && await stage.GetAsync("node", "10.244.0.6:8080") is not null, "the pods answer");
        var informers = new InformerFactory(api.Client());
        var node = new ProxyNode("node-a", "10.244.0.0/16", "10.96.0.0/16", "10.96.0.10");
        proxy = new(informers, stage.Nftables!, stage.OnNode, node, clock, NullLogger.Instance);
        running = Task.WhenAll(proxy.RunAsync(stopping.Token), informers.RunAsync(stopping.Token));
    }

    [Fact]
    public async Task A_cluster_ip_reaches_every_endpoint_and_itself()
    {
        Put(Service(), "10.244.0.5", "10.244.0.6");
        await Answers("a", $"{ClusterIp}:80", "b sees 10.244.0.5");
        await Answers("b", $"{ClusterIp}:80", "a sees 10.244.0.6");
        // By way of the node, whose address it then sees.
        await Answers("a", $"{ClusterIp}:80", "a sees 10.244.0.1");
        await Answers("node", $"{ClusterIp}:80", "a sees 10.244.0.1");
    }

    [Fact]
    public async Task A_service_without_endpoints_refuses_at_once_and_answers_when_one_comes()
    {
        Put(Service());
        await Eventually.TrueAsync(
            async () => (await stage.OnNode.RunAsync("nft", ["list", "ruleset"], null, default)).Contains($"{ClusterIp} . tcp . 80 : goto reject-chain", StringComparison.Ordinal),
            "the rule is there");
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(await stage.GetAsync("a", $"{ClusterIp}:80"));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(0.9), "refused, not timed out");
        Put(Service(), "10.244.0.6");
        await Answers("a", $"{ClusterIp}:80", "b sees 10.244.0.5");
    }

    [Fact]
    public async Task A_node_port_answers_outside_with_the_nodes_address()
    {
        var service = Service();
        service.Spec!.Type = "NodePort";
        service.Spec.Ports![0].NodePort = 30080;
        Put(service, "10.244.0.5");
        await Answers("out", "100.64.9.2:30080", "a sees 10.244.0.1");
    }

    [Fact]
    public async Task A_local_policy_keeps_the_clients_address()
    {
        var service = Service();
        service.Spec!.Type = "LoadBalancer";
        service.Spec.ExternalTrafficPolicy = "Local";
        service.Spec.LoadBalancerSourceRanges = ["100.64.9.0/24"];
        service.Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = "203.0.113.9" }] } };
        Put(service, "10.244.0.5");
        await Answers("out", "203.0.113.9:80", "a sees 100.64.9.9");
        service.Spec.LoadBalancerSourceRanges = ["192.0.2.0/24"];
        Put(service, "10.244.0.5");
        await Eventually.TrueAsync(async () => await stage.GetAsync("out", "203.0.113.9:80") is null, "others are kept out");
    }

    [Fact]
    public async Task A_client_stays_with_its_endpoint_when_the_service_asks_for_it()
    {
        var service = Service();
        service.Spec!.SessionAffinity = "ClientIP";
        Put(service, "10.244.0.5", "10.244.0.6");
        await Eventually.TrueAsync(async () => await stage.GetAsync("out", $"{ClusterIp}:80") is not null, "the service answers");
        var first = await stage.GetAsync("out", $"{ClusterIp}:80");
        for (var again = 0; again < 12; again++) { Assert.Equal(first, await stage.GetAsync("out", $"{ClusterIp}:80")); }
    }

    [Fact]
    public async Task A_client_that_stays_away_is_forgotten_when_its_time_is_up()
    {
        var service = Service();
        (service.Spec!.SessionAffinity, service.Spec.SessionAffinityConfig) = ("ClientIP", new() { ClientIP = new() { TimeoutSeconds = 2 } });
        Put(service, "10.244.0.5", "10.244.0.6");
        await Eventually.TrueAsync(async () => await stage.GetAsync("out", $"{ClusterIp}:80") is not null, "the service answers");
        await Eventually.TrueAsync(
            async () => await stage.GetAsync("out", $"{ClusterIp}:80") is not null && (await RulesAsync()).Contains("100.64.9.9 expires ", StringComparison.Ordinal),
            "the client is remembered");
        await Eventually.TrueAsync(async () => !(await RulesAsync()).Contains("100.64.9.9", StringComparison.Ordinal), "the client is forgotten");
    }

    [Fact]
    public async Task A_local_policy_inside_keeps_pods_on_their_node()
    {
        var service = Service();
        service.Spec!.InternalTrafficPolicy = "Local";
        PutThose(service, On("node-b", "10.244.0.5"), On("node-a", "10.244.0.6"));
        await Answers("a", $"{ClusterIp}:80", "b sees 10.244.0.5");
        for (var again = 0; again < 8; again++) { Assert.Equal("b sees 10.244.0.5", await stage.GetAsync("a", $"{ClusterIp}:80")); }
        PutThose(service, On("node-b", "10.244.0.5"));
        await Eventually.TrueAsync(async () => await stage.GetAsync("a", $"{ClusterIp}:80") is null, "nobody here answers");
    }

    [Fact]
    public async Task A_node_port_with_a_local_policy_shows_the_client_to_endpoints_here_and_hides_those_elsewhere()
    {
        var service = Service();
        (service.Spec!.Type, service.Spec.ExternalTrafficPolicy, service.Spec.Ports![0].NodePort) = ("NodePort", "Local", 30080);
        PutThose(service, On("node-a", "10.244.0.5"), On("node-b", "10.244.0.6"));
        await Answers("out", "100.64.9.2:30080", "a sees 100.64.9.9");
        for (var again = 0; again < 8; again++) { Assert.Equal("a sees 100.64.9.9", await stage.GetAsync("out", "100.64.9.2:30080")); }
        PutThose(service, On("node-b", "10.244.0.6"));
        await Eventually.TrueAsync(async () => await stage.GetAsync("out", "100.64.9.2:30080") is null, "nothing is here for who comes from outside");
        // Who is in the cluster is served from anywhere.
        await Answers("node", "100.64.9.2:30080", "b sees 10.244.0.1");
        await Answers("a", "100.64.9.2:30080", "b sees 10.244.0.5");
    }

    [Fact]
    public async Task Endpoints_that_end_serve_while_there_are_no_others()
    {
        PutThose(Service(), On("node-a", "10.244.0.5", new() { Ready = false, Serving = true, Terminating = true }), On("node-a", "10.244.0.6", new() { Ready = false, Serving = false, Terminating = true }));
        await Answers("out", $"{ClusterIp}:80", "a sees 10.244.0.1");
        for (var again = 0; again < 8; again++) { Assert.Equal("a sees 10.244.0.1", await stage.GetAsync("out", $"{ClusterIp}:80")); }
        PutThose(Service(), On("node-a", "10.244.0.5", new() { Ready = false, Serving = true, Terminating = true }), On("node-a", "10.244.0.6"));
        await Answers("out", $"{ClusterIp}:80", "b sees 10.244.0.1");
        for (var again = 0; again < 8; again++) { Assert.Equal("b sees 10.244.0.1", await stage.GetAsync("out", $"{ClusterIp}:80")); }
    }

    [Fact]
    public async Task Sctp_reaches_its_endpoint()
    {
        var service = Service();
        service.Spec!.Ports![0].Protocol = "SCTP";
        Put(service, "10.244.0.5");
        await Eventually.TrueAsync(
            async () =>
            {
                await SctpPacket.SendAsync(stage.Name("b"), ClusterIp, 80);
                return (await stage.OnNode.RunAsync("conntrack", ["-L", "-p", "sctp"], null, default)).Contains("src=10.244.0.5 dst=10.244.0.6 sport=8080 dport=40000", StringComparison.Ordinal);
            },
            "what goes to port 80 of the service is answered from port 8080 of the pod");
    }

    [Fact]
    public async Task A_deleted_service_is_gone()
    {
        Put(Service(), "10.244.0.5");
        await Answers("b", $"{ClusterIp}:80", "a sees 10.244.0.6");
        await api.Client().DeleteAsync(Kinds.Services, "default", "web", default);
        await Eventually.TrueAsync(async () => await stage.GetAsync("a", $"{ClusterIp}:80") is null, "nobody answers");
        // Nor does what never was a service go anywhere.
        Assert.Null(await stage.GetAsync("a", "10.96.99.99:80"));
    }

    [Fact]
    public async Task Rules_that_somebody_flushed_come_back_without_a_change()
    {
        Put(Service(), "10.244.0.5");
        await Answers("b", $"{ClusterIp}:80", "a sees 10.244.0.6");
        await stage.OnNode.RunAsync("nft", ["flush", "ruleset"], null, default);
        await Eventually.TrueAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(11));
                return await stage.GetAsync("b", $"{ClusterIp}:80") == "a sees 10.244.0.6";
            },
            "the rules are back");
    }

    [Fact]
    public async Task A_change_after_a_flush_brings_everything_back()
    {
        Put(Service(), "10.244.0.5");
        await Answers("b", $"{ClusterIp}:80", "a sees 10.244.0.6");
        await stage.OnNode.RunAsync("nft", ["flush", "ruleset"], null, default);
        Put(Service(), "10.244.0.6");
        await Eventually.TrueAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1)); // the change is refused first, and tried again
                return await stage.GetAsync("a", $"{ClusterIp}:80") == "b sees 10.244.0.5";
            },
            "the rules are back");
    }

    [Fact]
    public async Task A_node_port_answers_on_every_address_of_the_node_and_for_its_own_processes()
    {
        var service = Service();
        service.Spec!.Type = "NodePort";
        service.Spec.Ports![0].NodePort = 30080;
        Put(service, "10.244.0.5", "10.244.0.6");
        await stage.OnNode.RunAsync("ip", ["address", "add", "192.0.2.2/32", "dev", "lo"], null, default);
        await Answers("b", "10.244.0.1:30080", "a sees 10.244.0.1");
        await Answers("node", "192.0.2.2:30080", "a sees 10.244.0.1");
        await Answers("node", "100.64.9.2:30080", "b sees 10.244.0.1");
    }

    [Fact]
    public async Task A_udp_client_leaves_the_endpoint_that_is_gone()
    {
        var service = Service();
        service.Spec!.Ports![0].Protocol = "UDP";
        Put(service, "10.244.0.5");
        // Always from one port, as a resolver that keeps its socket.
        var ask = $"exec 3<>/dev/udp/{ClusterIp}/80; while true; do echo hello >&3 || true; sleep 0.1; done";
        stage.Start("out", "bash", "-c", ask);
        await FlowsAsync("10.244.0.5", not: "10.244.0.6");
        Put(service, "10.244.0.6");
        await FlowsAsync("10.244.0.6", not: "10.244.0.5");

        Task FlowsAsync(string ip, string not) => Eventually.TrueAsync(
            async () => await stage.OnNode.RunAsync("conntrack", ["-L", "-p", "udp", "--orig-dst", ClusterIp], null, default) is var flows
                && flows.Contains($"src={ip} ", StringComparison.Ordinal) && !flows.Contains($"src={not} ", StringComparison.Ordinal),
            $"packets go to {ip}");
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        proxy.Dispose();
        await stage.DisposeAsync();
        stopping.Dispose();
        api.Dispose();
    }

    private static Service Service()
    {
        var service = A.Service();
        service.Spec!.ClusterIP = ClusterIp;
        return service;
    }

    private Task<string> RulesAsync() => stage.OnNode.RunAsync("nft", ["list", "table", "ip", "flotilla-services"], null, default);

    /// <summary>Wherever the stage has it, it is on this node for the proxy.</summary>
    private static Endpoint On(string node, string ip, EndpointConditions? conditions = null) => new() { Addresses = [ip], NodeName = node, Conditions = conditions ?? new() { Ready = true } };

    private void Put(Service service, params string[] endpoints) => PutThose(service, ProxyTableTests.Slice("web", endpoints).Endpoints!);

    private void PutThose(Service service, params Endpoint[] endpoints)
    {
        var slice = ProxyTableTests.Slice("web") with { Endpoints = endpoints };
        slice.Ports![0].Protocol = service.Spec.Ports![0].Protocol;
        api.Put(Kinds.EndpointSlices, slice);
        api.Put(Kinds.Services, service);
    }

    private Task Answers(string from, string address, string expected) =>
        Eventually.TrueAsync(async () => await stage.GetAsync(from, address) == expected, $"{from} gets \"{expected}\" from {address}");
}
