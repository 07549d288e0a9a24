using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>The JSON form of a set of fields: a leaf is {}, a member with something below it has the member ".".</summary>
internal static class FieldsV1
{
    private const string Self = ".";

    public static FieldTree Parse(JsonObject? fields)
    {
        var tree = new FieldTree();
        ParseInto(tree, fields ?? []);
        return tree;
    }

    public static JsonObject Write(FieldTree tree, bool isRoot = true)
    {
        var fields = new JsonObject();
        if (tree.IsMember && !isRoot && tree.Branches.Count > 0)
        {
            fields.Add(Self, new JsonObject());
        }

        foreach (var (element, branch) in tree.Branches)
        {
            fields.Add(element, Write(branch, isRoot: false));
        }

        return fields;
    }

    private static void ParseInto(FieldTree tree, JsonObject fields)
    {
        foreach (var (element, below) in fields)
        {
            if (element == Self)
            {
                tree.IsMember = true;
            }
            else if (element.Length > 2 && element[1] == ':' && below is JsonObject children)
            {
                var branch = new FieldTree { IsMember = children.Count == 0 };
                ParseInto(branch, children);
                tree.Add(element, branch);
            }
        }
    }
}
