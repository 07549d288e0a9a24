using System.Text;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>Commands in the order the kernel wants: what is gone to comes before what goes, and leaves after it.</summary>
internal sealed class ProxyScript
{
    private const string Table = ProxyTable.Name;

    private readonly StringBuilder created = new();
    private readonly StringBuilder rules = new();
    private readonly SortedDictionary<string, List<string>> removedElements = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<string>> addedElements = new(StringComparer.Ordinal);
    private readonly StringBuilder removed = new();

    public void Change(ServiceRules old, ServiceRules now)
    {
        var known = old.Chains.ToDictionary(chain => chain.Name, StringComparer.Ordinal);
        foreach (var (name, definition) in now.Sets.Where(set => !old.Sets.ContainsKey(set.Key))) { created.Append($"add set ip {Table} {name} {{ {definition} }}\n"); }
        foreach (var chain in now.Chains)
        {
            if (!known.Remove(chain.Name, out var before)) { Add(chain); }
            else if (!before.SameRules(chain)) { rules.Append($"flush chain ip {Table} {chain.Name}\n"); AddRules(chain); }
        }
        foreach (var name in known.Keys) { rules.Append($"flush chain ip {Table} {name}\n"); }
        foreach (var name in known.Keys) { removed.Append($"delete chain ip {Table} {name}\n"); }
        foreach (var name in old.Sets.Keys.Except(now.Sets.Keys, StringComparer.Ordinal)) { removed.Append($"delete set ip {Table} {name}\n"); }
    }

    public void Add(NftChain chain)
    {
        created.Append($"add chain ip {Table} {chain.Name}\n");
        AddRules(chain);
    }

    // A map holds a key once, so removing names the key alone.
    public void Remove(NftElement element) => ListOf(removedElements, element.Container).Add(element.Key);

    public void Add(NftElement element) => ListOf(addedElements, element.Container).Add(element.ToString());

    public string Build()
    {
        var script = created.Append(rules);
        Write(script, "delete", removedElements);
        Write(script, "add", addedElements);
        return script.Append(removed).ToString();
    }

    private void AddRules(NftChain chain)
    {
        foreach (var rule in chain.Rules) { rules.Append($"add rule ip {Table} {chain.Name} {rule}\n"); }
    }

    private static void Write(StringBuilder script, string verb, SortedDictionary<string, List<string>> elements)
    {
        foreach (var (container, list) in elements) { script.Append($"{verb} element ip {Table} {container} {{ ").AppendJoin(", ", list).Append(" }\n"); }
    }

    private static List<string> ListOf(SortedDictionary<string, List<string>> elements, string container) =>
        elements.TryGetValue(container, out var list) ? list : elements[container] = [];
}
