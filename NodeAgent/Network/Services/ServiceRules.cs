using System.Collections.Immutable;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>An element of a set or, with a value, of a map.</summary>
internal readonly record struct NftElement(string Container, string Key, string? Value = null)
{
    public override string ToString() => Value is null ? Key : $"{Key} : {Value}";
}

/// <summary>Everything one Service needs in the table. Two of them may ask for the same element of a set.</summary>
internal sealed record ServiceRules
{
    public static ServiceRules None { get; } = new();

    /// <summary>Rules by chain, in the order in which chains must be made: a chain only goes to chains before it.</summary>
    public ImmutableArray<NftChain> Chains { get; init; } = [];

    /// <summary>Sets of its own, with their definitions.</summary>
    public ImmutableSortedDictionary<string, string> Sets { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableHashSet<NftElement> Elements { get; init; } = [];
}

internal sealed record NftChain(string Name, ImmutableArray<string> Rules)
{
    public bool SameRules(NftChain other) => Rules.SequenceEqual(other.Rules);
}
