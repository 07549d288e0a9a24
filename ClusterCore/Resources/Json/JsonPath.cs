using System.Text;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Where in an object a decoder is; turned into text only when something is wrong there.</summary>
internal sealed class JsonPath
{
    private readonly List<(string? Name, int Index)> steps = [];

    public void Push(string field) => steps.Add((field, 0));

    public void PushKey(string mapKey) => steps.Add((mapKey, -1));

    public void Push(int index) => steps.Add((null, index));

    public void Pop() => steps.RemoveAt(steps.Count - 1);

    /// <summary>spec.containers[0].name</summary>
    public override string ToString() => Write(fieldsOnly: false);

    /// <summary>spec.containers.name: how type errors name a field, without indexes and keys of maps.</summary>
    public string FieldsOnly() => Write(fieldsOnly: true);

    private string Write(bool fieldsOnly)
    {
        var text = new StringBuilder();
        foreach (var (name, index) in steps)
        {
            if (name is null)
            {
                _ = fieldsOnly ? text : text.Append('[').Append(index).Append(']');
            }
            else if (index == 0 || !fieldsOnly)
            {
                _ = text.Length > 0 ? text.Append('.') : text;
                text.Append(name);
            }
        }

        return text.ToString();
    }
}
