using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>Rules of a network namespace, in this process.</summary>
public sealed class NftablesTests : IAsyncLifetime
{
    private readonly string name = $"fltn-{Guid.NewGuid().ToString("N")[..6]}";
    private readonly CommandRunner host = new();
    private Nftables nftables = null!;

    [Fact]
    public async Task A_script_is_one_transaction()
    {
        await nftables.RunAsync("add table ip t\nadd map ip t m { type ipv4_addr : verdict; }", default);
        var refused = await Assert.ThrowsAsync<CommandFailedException>(() => nftables.RunAsync("add element ip t m { 10.0.0.1 : drop }\nadd element ip t none { 10.0.0.2 : drop }", default));
        Assert.Contains("No such file or directory", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", await RulesetAsync(), StringComparison.Ordinal);
        await nftables.RunAsync("add element ip t m { 10.0.0.1 : drop }", default);
        Assert.Contains("10.0.0.1 : drop", await RulesetAsync(), StringComparison.Ordinal);
        Assert.Contains("table ip t", await nftables.RunAsync("list tables", default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_did_is_seen()
    {
        await nftables.RunAsync("add table ip t\nadd map ip t m { type ipv4_addr : verdict; }", default);
        await new CommandRunner(name).RunAsync("nft", ["flush", "ruleset"], null, default);
        await Assert.ThrowsAsync<CommandFailedException>(() => nftables.RunAsync("add element ip t m { 10.0.0.1 : drop }", default));
        Assert.Equal("", await nftables.RunAsync("list chains ip", default));
    }

    public async ValueTask InitializeAsync()
    {
        await host.RunAsync("ip", ["netns", "add", name], null, default);
        nftables = await NetworkNamespace.RunAsync($"/run/netns/{name}", static () => new Nftables());
    }

    public async ValueTask DisposeAsync()
    {
        nftables.Dispose();
        await host.RunAsync("ip", ["netns", "delete", name], null, default);
    }

    private Task<string> RulesetAsync() => new CommandRunner(name).RunAsync("nft", ["list", "ruleset"], null, default);
}
