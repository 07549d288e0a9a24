using System.Text;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Where in an object a decoder is; turned into text only when something is wrong there.</summary>
internal sealed class JsonPath
{
    private readonly List<(string? Name, int Index)> steps = [];

    public void Push(string name) => steps.Add((name, 0));

    public void Push(int index) => steps.Add((null, index));

    public void Pop() => steps.RemoveAt(steps.Count - 1);

    /// <summary>spec.containers[0].name</summary>
    public override string ToString() => Write(withIndexes: true);

    /// <summary>spec.containers.name: how type errors name a field.</summary>
    public string WithoutIndexes() => Write(withIndexes: false);

    private string Write(bool withIndexes)
    {
        var text = new StringBuilder();
        foreach (var (name, index) in steps)
        {
            if (name is null)
            {
                _ = withIndexes ? text.Append('[').Append(index).Append(']') : text;
            }
            else
            {
                _ = text.Length > 0 ? text.Append('.') : text;
                text.Append(name);
            }
        }

        return text.ToString();
    }
}
