"""What intake decides, one idea a module. Pure: values in, values out."""
