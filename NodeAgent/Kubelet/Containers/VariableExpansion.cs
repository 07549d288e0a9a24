using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>
/// <c>$(NAME)</c> in commands, arguments and values. An unknown name stays as written; <c>$$</c> is a dollar sign.
/// Example: with A=1, <c>"$(A) $(B) $$(A)"</c> gives <c>"1 $(B) $(A)"</c>.
/// </summary>
public static class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at]);
            }
            else if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at + 1] == '(' && text.IndexOf(')', at) is > 0 and var end)
            {
                var name = text[(at + 2)..end];
                result.Append(variables.TryGetValue(name, out var value) ? value : $"$({name})");
                at = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
