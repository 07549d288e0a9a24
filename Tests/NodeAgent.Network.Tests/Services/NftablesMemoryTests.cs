using System.Diagnostics;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>What parsing rules leaves in this process; alone, because it is the whole process that is measured.</summary>
[Collection(nameof(NftablesMemoryTests)), CollectionDefinition(nameof(NftablesMemoryTests), DisableParallelization = true)]
public sealed class NftablesMemoryTests : IAsyncLifetime
{
    private readonly string name = $"fltn-{Guid.NewGuid().ToString("N")[..6]}";
    private readonly CommandRunner host = new();
    private Nftables nftables = null!;

    [Fact]
    public async Task What_a_large_script_takes_is_given_back()
    {
        await nftables.RunAsync("add table ip t\nadd map ip t m { type ipv4_addr : verdict; }", default);
        var many = $"add element ip t m {{ {string.Join(", ", Enumerable.Range(0, 60_000).Select(index => $"10.{index / 62_500}.{index / 250 % 250}.{1 + (index % 250)} : drop"))} }}";
        var before = Resident();
        await nftables.RunAsync(many, default);
        // Parsed it is more than forty megabytes.
        Assert.InRange(Resident() - before, long.MinValue, 20 << 20);
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

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
