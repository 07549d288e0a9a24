using System.Collections.Immutable;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>An element of a set or, with a value, of a map.</summary>
internal readonly record struct NftElement(string Container, string Key, string? Value = null)
{
    public override string ToString() => Value is null ? Key : $"{Key} : {Value}";
}

/// <summary>Everything one Service needs in the table. Two of them may ask for the same element.</summary>
internal sealed record ServiceRules
{
    public static ServiceRules None { get; } = new();

    public IReadOnlyList<NftElement> Elements { get; init; } = [];

    /// <summary>Chains that it shares with every other Service of as many endpoints.</summary>
    public IReadOnlyCollection<BalanceChain> Shared { get; init; } = [];

    /// <summary>Chains of its own, in the order in which they must be made: a chain only goes to chains before it.</summary>
    public IReadOnlyList<NftChain> Chains { get; init; } = [];

    /// <summary>Sets of its own, with their definitions.</summary>
    public IReadOnlyDictionary<string, string> Sets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Where UDP goes: what connection tracking sends elsewhere it must forget.</summary>
    public IReadOnlyDictionary<UdpFrontend, string[]> Udp { get; init; } = ImmutableDictionary<UdpFrontend, string[]>.Empty;

    /// <summary>Where load balancers ask whether this node has endpoints.</summary>
    public ServiceHealth? Health { get; init; }
}

internal sealed record NftChain(string Name, ImmutableArray<string> Rules)
{
    public bool SameRules(NftChain other) => Rules.SequenceEqual(other.Rules);
}

/// <param name="Address">Null for a node port: any address of the node.</param>
internal readonly record struct UdpFrontend(string? Address, int Port);

internal sealed record ServiceHealth(int Port, string Namespace, string Name, int LocalEndpoints);
